// Entering services into this machine's own portmapper.
#include "rpc/portmap/registration.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "rpc/memory_dialer.hpp"
#include "support/manual_loop.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using namespace ditto::rpc::portmap;

namespace {

constexpr Address loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};

using Done = std::expected<bool, rpc::CallError>;

Detached run_set(MemoryDialer& dialer, mapping service, std::optional<Done>& done) {
  ManualLoop loop;
  done = co_await set(dialer, service, 77, loop);
}
Detached run_unset(MemoryDialer& dialer, std::optional<Done>& done) {
  ManualLoop loop;
  done = co_await unset(dialer, 100021, 4, 77, loop);
}

}  // namespace

TEST_CASE("SET and UNSET go to port 111 of this machine, from a port that it believes") {
  MemoryDialer dialer;
  dialer.results = {chain_of("00000001"), chain_of("00000000")};
  std::optional<Done> entered, gone;
  run_set(dialer, {100021, 4, IPPROTO_OF_UDP, 2049}, entered);
  run_unset(dialer, gone);
  REQUIRE((entered && *entered));
  CHECK(**entered);
  REQUIRE((gone && *gone));
  CHECK_FALSE(**gone);
  REQUIRE(dialer.calls.size() == 2);
  CHECK(dialer.dialed[0].endpoint == Endpoint{loopback, 111});
  CHECK(dialer.dialed[0].protocol == Protocol::Udp);
  CHECK(dialer.dialed[0].from_privileged_port);
  CHECK(dialer.calls[0].program == 100000);
  CHECK(dialer.calls[0].version == 2);
  CHECK(dialer.calls[0].procedure == 1);
  CHECK(to_hex(dialer.calls[0].arguments) == packed("000186b5 00000004 00000011 00000801"));
  CHECK(dialer.calls[1].procedure == 2);
  CHECK(to_hex(dialer.calls[1].arguments) == packed("000186b5 00000004 00000000 00000000"));
}

TEST_CASE("SET without a portmapper") {
  MemoryDialer dialer;
  std::optional<Done> entered;
  run_set(dialer, {100021, 4, IPPROTO_OF_UDP, 2049}, entered);
  REQUIRE(entered);
  REQUIRE_FALSE(*entered);
  CHECK(entered->error().failure == rpc::CallFailure::TimedOut);
  dialer.refuses = true;
  run_set(dialer, {100021, 4, IPPROTO_OF_UDP, 2049}, entered);
  REQUIRE_FALSE(*entered);
  CHECK(entered->error().failure == rpc::CallFailure::Gone);
}
