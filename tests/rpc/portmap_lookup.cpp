// Where a peer's service listens, as its portmap says, and where a peer says it listens itself.
#include "rpc/portmap/lookup.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "rpc/memory_dialer.hpp"
#include "support/manual_loop.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using namespace ditto::rpc::portmap;
using rpc::CallFailure;

namespace {

constexpr Address v4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
constexpr Address v6{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::uint32_t nlm = 100021;

using Port = std::expected<std::uint16_t, rpc::CallError>;

Detached run(MemoryDialer& dialer, const Address& address, Protocol protocol, std::optional<Port>& port) {
  ManualLoop loop;
  port = co_await get_port(dialer, address, nlm, 4, protocol, 77, loop);
}
Port ask(MemoryDialer& dialer, const Address& address, Protocol protocol) {
  std::optional<Port> port;
  run(dialer, address, protocol, port);
  REQUIRE(port);
  return *port;
}

}  // namespace

TEST_CASE("Over IPv4 portmap 2 is asked, by the transport that is wanted") {
  MemoryDialer dialer;
  dialer.results = {chain_of("00000fff"), chain_of("00000801")};
  CHECK(ask(dialer, v4, Protocol::Udp) == 4095);
  CHECK(ask(dialer, v4, Protocol::Tcp) == 2049);
  REQUIRE(dialer.calls.size() == 2);
  CHECK(dialer.dialed[0].endpoint == Endpoint{v4, 111});
  CHECK(dialer.dialed[0].protocol == Protocol::Udp);
  CHECK(dialer.dialed[1].protocol == Protocol::Tcp);
  const rpc::OutgoingCall& call = dialer.calls[0];
  CHECK(call.program == 100000);
  CHECK(call.version == 2);
  CHECK(call.procedure == 3);
  CHECK(call.deadline_ns == 77);
  CHECK(to_hex(call.arguments) == packed("000186b5 00000004 00000011 00000000"));
  CHECK(to_hex(dialer.calls[1].arguments) == packed("000186b5 00000004 00000006 00000000"));
}

TEST_CASE("Over IPv6 rpcbind 4 is asked, then 3") {
  MemoryDialer dialer;
  dialer.results = {rpc::call_failed(CallFailure::ProgramMismatch), chain_of("00000006 3a3a2e382e31 0000")};
  CHECK(ask(dialer, v6, Protocol::Tcp) == 2049);  // "::.8.1"
  REQUIRE(dialer.calls.size() == 2);
  CHECK(dialer.calls[0].version == 4);
  CHECK(dialer.calls[1].version == 3);
  for (const rpc::OutgoingCall& call : dialer.calls) {
    CHECK(call.procedure == 3);
    CHECK(to_hex(call.arguments) == packed("000186b5 00000004 00000004 74637036 00000000 00000000"));
  }
  dialer.results = {rpc::call_failed(CallFailure::ProgramMismatch), rpc::call_failed(CallFailure::ProgramMismatch)};
  CHECK(ask(dialer, v6, Protocol::Tcp).error().failure == CallFailure::ProgramMismatch);
}

TEST_CASE("A service that is not there, and answers that cannot be") {
  MemoryDialer dialer;
  dialer.results = {chain_of("00000000")};
  CHECK(ask(dialer, v4, Protocol::Tcp).error().failure == CallFailure::ProgramUnavailable);
  dialer.results = {chain_of("00010000")};
  CHECK(ask(dialer, v4, Protocol::Tcp).error().failure == CallFailure::Malformed);
  dialer.results = {chain_of("0000")};
  CHECK(ask(dialer, v4, Protocol::Tcp).error().failure == CallFailure::Malformed);
  dialer.results = {chain_of("00000000")};
  CHECK(ask(dialer, v6, Protocol::Udp).error().failure == CallFailure::ProgramUnavailable);
  dialer.results = {chain_of("00000001 78000000")};
  CHECK(ask(dialer, v6, Protocol::Udp).error().failure == CallFailure::Malformed);
  CHECK(ask(dialer, v4, Protocol::Tcp).error().failure == CallFailure::TimedOut);
  dialer.refuses = true;
  CHECK(ask(dialer, v4, Protocol::Tcp).error().failure == CallFailure::Gone);
}

TEST_CASE("A peer's own word on where it is called") {
  const auto tcp = rpc::destination_of("tcp", "192.0.2.1.8.1");
  REQUIRE(tcp);
  CHECK(tcp->endpoint == Endpoint{v4, 2049});
  CHECK(tcp->protocol == Protocol::Tcp);
  const auto tcp6 = rpc::destination_of("tcp6", "2001:db8::1.3.255");
  REQUIRE(tcp6);
  CHECK(tcp6->endpoint == Endpoint{v6, 1023});
  CHECK(rpc::destination_of("udp", "192.0.2.1.8.1")->protocol == Protocol::Udp);
  for (const auto& [netid, address] : {std::pair("tcp", "0.0.0.0.0.0"),
                                       {"tcp", "0.0.0.0.8.1"},
                                       {"tcp", "192.0.2.1.0.0"},
                                       {"tcp6", "::.8.1"},
                                       {"tcp", "2001:db8::1.8.1"},
                                       {"tcp6", "192.0.2.1.8.1"},
                                       {"rdma", "192.0.2.1.8.1"},
                                       {"", ""},
                                       {"tcp", "192.0.2.1"},
                                       {"tcp", "192.0.2.1.256.1"}}) {
    INFO(netid << ' ' << address);
    CHECK_FALSE(rpc::destination_of(netid, address));
  }
}
