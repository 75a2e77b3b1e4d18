#include "rpc/portmap/universal_address.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace ditto::rpc::portmap;

TEST_CASE("Universal addresses of IPv4 and IPv6, both ways") {
  struct Known {
    Netid netid;
    std::string text;
    std::uint16_t port;
  };
  for (const Known& known : {Known{Netid::Tcp, "192.0.2.1.8.1", 2049}, Known{Netid::Udp, "0.0.0.0.0.111", 111},
                             Known{Netid::Tcp6, "::.47.17", 12049}, Known{Netid::Udp6, "2001:db8::5.255.255", 65535}}) {
    const auto endpoint = parse_universal(known.text, known.netid);
    REQUIRE(endpoint);
    CHECK(endpoint->port == known.port);
    CHECK(is_v4(endpoint->address) == !is_v6(known.netid));
    CHECK(to_universal(*endpoint) == known.text);
  }
}

TEST_CASE("What is not a universal address") {
  for (const std::string text : {"", ".", "..", "1.2", "1.2.3.4", "1.2.3.4.5", "1.2.3.4.256.1", "1.2.3.4.1.256",
                                 "1.2.3.4.-1.1", "1.2.3.4.1.", "1.2.3.4..1", "1.2.3.4.1. 1", "::1.8.1", "a.b.c.d.1.1",
                                 "1.2.3.400.1.1", "1.2.3.4.1.1 ", "1.2.3.4.99999999999.1"}) {
    CHECK_FALSE(parse_universal(text, Netid::Tcp));
  }
  CHECK_FALSE(parse_universal("1.2.3.4.8.1", Netid::Tcp6));
  CHECK_FALSE(parse_universal("::ffff:1.2.3.4.8.1", Netid::Tcp6));
  CHECK_FALSE(parse_universal(std::string("1.2.3.4\0.8.1", 12), Netid::Tcp));
}

TEST_CASE("Network identifiers") {
  for (const Netid netid : {Netid::Tcp, Netid::Udp, Netid::Tcp6, Netid::Udp6})
    CHECK(parse_netid(to_string(netid)) == netid);
  CHECK_FALSE(parse_netid("local"));
  CHECK_FALSE(parse_netid(""));
}
