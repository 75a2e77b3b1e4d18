#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <tuple>

#include "rpc/memory_connection.hpp"
#include "rpc/portmap/service.hpp"
#include "rpc/portmap/types.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using namespace ditto::rpc;
using portmap::Netid;
using portmap::only;

namespace {

const portmap::Address loopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
const portmap::Address here = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 99};

/// A portmapper that is asked through its tables.
struct Mapper {
  explicit Mapper(portmap::Protocol protocol = portmap::Protocol::Tcp)
      : service{registry, protocol, [](const Peer&) { return here; }} {
    REQUIRE(portmap::add_programs(programs, service));
    peer.address = loopback;
  }

  template <class RES, class... ARGS>
  RES ask(std::uint32_t version, std::uint32_t procedure, const ARGS&... arguments) {
    const BufferChain reply = raw(version, procedure, arguments...);
    REQUIRE(word_at(reply, 20) == 0);
    results = reply.slice(24, reply.size() - 24);
    auto decoded = xdr::decode<RES>(results);
    REQUIRE(decoded);
    return *decoded;
  }
  template <class... ARGS>
  BufferChain raw(std::uint32_t version, std::uint32_t procedure, const ARGS&... arguments) {
    xdr::Writer writer;
    writer(call_header{.xid = 1, .prog = portmap::program_number, .vers = version, .proc = procedure});
    writer(opaque_auth{}, opaque_auth{});
    (writer(arguments), ...);
    const Host host{programs, memory.replies, memory.in_flight, memory.pool, memory.clock, memory.log};
    Call call = new_call(host, memory.loop, peer);
    BufferChain reply;
    run(reply, host, call, writer.finish());
    return reply;
  }
  static Detached run(BufferChain& reply, const Host& host, Call& call, BufferChain message) {
    reply = co_await answer(host, call, message, Framing::Datagram);
  }

  std::uint32_t getport(std::uint32_t program, std::uint32_t version, std::uint32_t protocol) {
    return ask<only<std::uint32_t>>(2, 3, portmap::mapping{program, version, protocol, 0}).value;
  }
  std::string getaddr(std::uint32_t program, std::uint32_t version, std::string_view netid, std::uint32_t of = 4) {
    return std::string(ask<only<xdr::string<255>>>(of, 3, rpcb_of(program, version, netid, "")).value.view());
  }
  static portmap::rpcb rpcb_of(std::uint32_t program, std::uint32_t version, std::string_view netid,
                               std::string_view address) {
    return {program, version, xdr::string<255>::copy_of(netid), xdr::string<255>::copy_of(address), {}};
  }

  MemoryHost memory;
  portmap::Registry registry;
  portmap::Service service;
  Programs programs;
  Peer peer;
  BufferChain results;
};

void publish_toy(Mapper& mapper, const portmap::Address& address) {
  mapper.registry.publish(mapper.memory.programs.all(), portmap::Protocol::Tcp, {address, 12049});
}

}  // namespace

TEST_CASE("PMAP GETPORT: the port, of another version too, or 0") {
  Mapper mapper;
  publish_toy(mapper, loopback);
  CHECK(mapper.getport(toy::program_number, 2, 6) == 12049);
  CHECK(mapper.getport(toy::program_number, 4, 6) == 12049);
  CHECK(mapper.getport(toy::program_number, 9, 6) == 12049);
  CHECK(mapper.getport(toy::program_number, 2, 17) == 0);
  CHECK(mapper.getport(toy::program_number, 2, 1) == 0);
  CHECK(mapper.getport(1, 2, 6) == 0);
}

TEST_CASE("PMAP NULL, and what is absent: CALLIT, GETTIME, GETVERSADDR, GETSTAT") {
  Mapper mapper;
  CHECK(to_hex(mapper.raw(2, 0)) == packed("00000001 00000001 00000000 00000000 00000000 00000000"));
  const std::string unavailable = packed("00000001 00000001 00000000 00000000 00000000 00000003");
  CHECK(to_hex(mapper.raw(2, 5)) == unavailable);
  for (const std::uint32_t version : {3U, 4U}) {
    for (std::uint32_t procedure = 5; procedure <= 12; ++procedure) {
      CHECK(to_hex(mapper.raw(version, procedure)) == unavailable);
    }
  }
}

TEST_CASE("PMAP SET and UNSET: from this machine only, and never the server's own") {
  Mapper mapper;
  publish_toy(mapper, loopback);
  const portmap::mapping lockd{100021, 4, 17, 4045};
  CHECK(mapper.ask<only<bool>>(2, 1, lockd).value);
  CHECK(mapper.ask<only<bool>>(2, 1, lockd).value);  // the same again
  CHECK(mapper.getport(100021, 4, 17) == 4045);
  CHECK_FALSE(mapper.ask<only<bool>>(2, 1, portmap::mapping{100021, 4, 17, 4046}).value);
  CHECK_FALSE(mapper.ask<only<bool>>(2, 1, portmap::mapping{100021, 4, 6, 0}).value);
  CHECK_FALSE(mapper.ask<only<bool>>(2, 1, portmap::mapping{100021, 4, 6, 65536}).value);
  CHECK_FALSE(mapper.ask<only<bool>>(2, 1, portmap::mapping{100021, 4, 5, 1}).value);

  mapper.peer = peer_at(1);
  CHECK_FALSE(mapper.ask<only<bool>>(2, 1, portmap::mapping{100024, 1, 17, 700}).value);
  CHECK_FALSE(mapper.ask<only<bool>>(2, 2, lockd).value);
  CHECK_FALSE(mapper.ask<only<bool>>(4, 1, Mapper::rpcb_of(100024, 1, "udp", "0.0.0.0.2.188")).value);
  CHECK_FALSE(mapper.ask<only<bool>>(4, 2, Mapper::rpcb_of(100021, 4, "", "")).value);
  CHECK(mapper.getport(100021, 4, 17) == 4045);

  mapper.peer.address = loopback;
  CHECK(mapper.ask<only<bool>>(2, 2, lockd).value);
  CHECK_FALSE(mapper.ask<only<bool>>(2, 2, lockd).value);
  CHECK(mapper.getport(100021, 4, 17) == 0);
  CHECK_FALSE(mapper.ask<only<bool>>(2, 2, portmap::mapping{toy::program_number, 2, 0, 0}).value);
  CHECK_FALSE(mapper.ask<only<bool>>(4, 2, Mapper::rpcb_of(toy::program_number, 2, "", "")).value);
  CHECK(mapper.getport(toy::program_number, 2, 6) == 12049);
}

TEST_CASE("PMAP DUMP lists what version 2 can name") {
  Mapper mapper;
  publish_toy(mapper, portmap::Address{});  // ::, and so tcp and tcp6
  CHECK(mapper.ask<only<bool>>(2, 1, portmap::mapping{100021, 4, 17, 4045}).value);
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>> found;
  const auto list = mapper.ask<only<portmap::pmaplist>>(2, 4);
  list.value.for_each([&](const portmap::mapping& each) { found.emplace(each.prog, each.vers, each.prot, each.port); });
  CHECK(found.size() == 3);
  CHECK(found.contains({toy::program_number, 2, 6, 12049}));
  CHECK(found.contains({toy::program_number, 4, 6, 12049}));
  CHECK(found.contains({100021, 4, 17, 4045}));
}

TEST_CASE("RPCB GETADDR: a universal address the caller can reach, or an empty string") {
  Mapper mapper;
  publish_toy(mapper, portmap::any_address(Netid::Tcp));
  for (const std::uint32_t of : {3U, 4U}) {
    CHECK(mapper.getaddr(toy::program_number, 2, "tcp", of) == "192.0.2.99.47.17");
    CHECK(mapper.getaddr(toy::program_number, 7, "tcp", of) == "192.0.2.99.47.17");
    CHECK(mapper.getaddr(toy::program_number, 2, "", of) == "192.0.2.99.47.17");  // as the query came
    CHECK(mapper.getaddr(toy::program_number, 2, "udp", of).empty());
    CHECK(mapper.getaddr(toy::program_number, 2, "tcp6", of).empty());
    CHECK(mapper.getaddr(1, 2, "tcp", of).empty());
  }
  Mapper by_udp(portmap::Protocol::Udp);
  publish_toy(by_udp, loopback);
  CHECK(by_udp.getaddr(toy::program_number, 2, "").empty());
  CHECK(by_udp.getaddr(toy::program_number, 2, "tcp") == "127.0.0.1.47.17");

  Mapper six;
  publish_toy(six, portmap::Address{});
  CHECK(six.getaddr(toy::program_number, 2, "tcp6") == "::.47.17");  // the caller has an IPv4 address
  CHECK(six.getaddr(toy::program_number, 2, "tcp") == "192.0.2.99.47.17");
}

TEST_CASE("RPCB SET, UNSET, DUMP") {
  Mapper mapper;
  publish_toy(mapper, loopback);
  CHECK(mapper.ask<only<bool>>(4, 1, Mapper::rpcb_of(100024, 1, "udp", "0.0.0.0.2.188")).value);
  CHECK(mapper.ask<only<bool>>(3, 1, Mapper::rpcb_of(100024, 1, "tcp6", "::.2.189")).value);
  CHECK_FALSE(mapper.ask<only<bool>>(4, 1, Mapper::rpcb_of(100024, 2, "local", "/run/statd.sock")).value);
  CHECK_FALSE(mapper.ask<only<bool>>(4, 1, Mapper::rpcb_of(100024, 2, "udp", "nonsense")).value);
  CHECK_FALSE(mapper.ask<only<bool>>(4, 1, Mapper::rpcb_of(100024, 2, "udp", "::.2.189")).value);

  std::set<std::tuple<std::uint32_t, std::string, std::string, std::string>> found;
  mapper.ask<only<portmap::rpcblist>>(4, 4).value.for_each([&](const portmap::rpcb& each) {
    found.emplace(each.r_prog, each.r_netid.view(), each.r_addr.view(), each.r_owner.view());
  });
  CHECK(found.size() == 3);
  CHECK(found.contains({toy::program_number, "tcp", "127.0.0.1.47.17", "ditto"}));
  CHECK(found.contains({100024, "udp", "0.0.0.0.2.188", "unknown"}));
  CHECK(found.contains({100024, "tcp6", "::.2.189", "unknown"}));

  CHECK_FALSE(mapper.ask<only<bool>>(4, 2, Mapper::rpcb_of(100024, 1, "local", "")).value);
  CHECK(mapper.ask<only<bool>>(4, 2, Mapper::rpcb_of(100024, 1, "udp", "")).value);
  CHECK(mapper.getaddr(100024, 1, "tcp6") == "::.2.189");
  CHECK(mapper.ask<only<bool>>(4, 2, Mapper::rpcb_of(100024, 1, "", "")).value);
  CHECK(mapper.getaddr(100024, 1, "tcp6").empty());
}

TEST_CASE("DUMP by UDP is for this machine: to others it would be a means to attack a third") {
  Mapper mapper(portmap::Protocol::Udp);
  publish_toy(mapper, loopback);
  const auto listed = [&] {
    std::size_t count = 0;
    mapper.ask<only<portmap::pmaplist>>(2, 4).value.for_each([&](const portmap::mapping&) { ++count; });
    mapper.ask<only<portmap::rpcblist>>(4, 4).value.for_each([&](const portmap::rpcb&) { ++count; });
    return count;
  };
  CHECK(listed() == 4);
  mapper.peer = peer_at(1);
  CHECK(listed() == 0);
}

TEST_CASE("The table of mappings is bounded, and all of it fits in a datagram") {
  Mapper mapper;
  publish_toy(mapper, loopback);
  std::uint32_t taken = 0;
  while (mapper.ask<only<bool>>(2, 1, portmap::mapping{300000 + taken, 4000000000, 17, 65535}).value) ++taken;
  CHECK(taken == portmap::max_mappings - 2);
  for (const std::uint32_t version : {2U, 4U}) {
    const BufferChain reply = mapper.raw(version, 4);
    CHECK(reply.size() < 65000);
    CHECK(word_at(reply, 20) == 0);
  }
  std::size_t listed = 0;
  mapper.ask<only<portmap::rpcblist>>(4, 4).value.for_each([&](const portmap::rpcb&) { ++listed; });
  CHECK(listed == portmap::max_mappings);
}
