#include "rpc/outgoing_calls.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "rpc/outgoing.hpp"
#include "support/manual_alarms.hpp"
#include "support/manual_loop.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using rpc::CallFailure;
using toy::Number;

namespace {

constexpr std::uint64_t second = 1'000'000'000;

struct MemoryWire final : rpc::OutgoingCalls::Wire {
  void send_call(BufferChain message) noexcept override {
    sent.push_back(std::move(message));
    if (breaks) calls->closed();
  }
  std::vector<BufferChain> sent;
  bool breaks = false;
  rpc::OutgoingCalls* calls = nullptr;
};

struct World {
  explicit World(const rpc::OutgoingLimits& limits = {}, rpc::Framing framing = rpc::Framing::Datagram)
      : calls(std::make_shared<rpc::OutgoingCalls>(loop, alarms, wire, framing, 100, limits)) {
    wire.calls = calls.get();
  }
  ~World() { calls->closed(), loop.run(), other.run(); }

  void start(Answered& answered, rpc::OutgoingCall call) { run_call(*calls, std::move(call), loop, answered); }
  void start(Answered& answered) { start(answered, outgoing(toy::HOLD, 10 * second, Number{1})); }
  bool received(const BufferChain& message) {
    const bool good = calls->received(message);
    loop.run();
    return good;
  }

  ManualLoop loop, other;
  ManualClock clock;
  ManualAlarms alarms{clock};
  MemoryWire wire;
  std::shared_ptr<rpc::OutgoingCalls> calls;
};

std::uint32_t number_of(const Answered& answered) { return rpc::results_of<Number>(answered.value())->value; }

}  // namespace

TEST_CASE("A call is encoded as RFC 5531 has it, with its record mark on a stream") {
  World world({}, rpc::Framing::Record);
  Answered first, second_call;
  world.start(first, outgoing(toy::HOLD, second, Number{5}));
  CHECK(to_hex(world.wire.sent.at(0)) == packed("8000002c 00000064 00000000 00000002 20000099 00000002 00000002"
                                                "00000000 00000000 00000000 00000000 00000005"));
  rpc::OutgoingCall call = outgoing(toy::NULL_, second);
  call.identity = rpc::SysIdentity{.machine_name = "host", .stamp = 9};
  call.identity->caller = {.uid = 1, .gid = 2, .group_count = 2, .group_list = {3, 4}};
  world.start(second_call, std::move(call));
  CHECK(to_hex(world.wire.sent.at(1)) ==
        packed("80000048 00000065 00000000 00000002 20000099 00000002 00000000"
               "00000001 00000020 00000009 00000004 686f7374 00000001 00000002 00000002 00000003 00000004"
               "00000000 00000000"));
}

TEST_CASE("A machine name that does not fit is its caller's mistake, and nothing is sent") {
  World world;
  rpc::OutgoingCall call = outgoing(toy::NULL_, second);
  call.identity = rpc::SysIdentity{.machine_name = std::string(256, 'x')};
  bool thrown = false;
  const auto run = [](World& in, rpc::OutgoingCall made, bool& caught) -> Detached {
    try {
      (void)co_await in.calls->call(std::move(made), in.loop);
    } catch (const std::logic_error&) {
      caught = true;
    }
  };
  run(world, std::move(call), thrown);
  CHECK(thrown);
  CHECK(world.wire.sent.empty());
  CHECK(world.calls->in_flight() == 0);
}

TEST_CASE("Replies find their calls in any order") {
  World world;
  std::array<Answered, 5> answers;
  for (Answered& each : answers) world.start(each);
  REQUIRE(world.wire.sent.size() == 5);
  for (const std::uint32_t which : {3U, 0U, 4U, 2U, 1U}) {
    CHECK_FALSE(answers[which]);
    CHECK(world.received(reply_to(100 + which, Number{which * 7})));
    REQUIRE(answers[which]);
    CHECK(number_of(answers[which]) == which * 7);
  }
  CHECK(world.calls->in_flight() == 0);
  CHECK_FALSE(world.alarms.any());
}

TEST_CASE("A call goes on in a turn of its own, not within received()") {
  World world;
  Answered answered;
  world.start(answered);
  CHECK(world.calls->received(reply_to(100, Number{1})));
  CHECK_FALSE(answered);
  CHECK(world.loop.run() == 1);
  CHECK(answered);
}

TEST_CASE("A call ends at its deadline, and its reply is too late") {
  World world;
  Answered soon, later;
  world.start(soon, outgoing(toy::NULL_, 2 * second));
  world.start(later, outgoing(toy::NULL_, 3 * second));
  world.clock.advance_ns(2 * second - 1);
  CHECK(world.alarms.run() == 0);
  world.clock.advance_ns(1);
  CHECK(world.alarms.run() == 1);
  world.loop.run();
  CHECK(failed_as(soon, CallFailure::TimedOut));
  CHECK_FALSE(later);
  CHECK(world.received(reply_to(100)));
  CHECK(failed_as(soon, CallFailure::TimedOut));
  CHECK(world.received(reply_to(101)));
  CHECK(later->has_value());
  CHECK(world.wire.sent.size() == 2);
}

TEST_CASE("A call whose deadline has passed is not sent") {
  World world;
  world.clock.advance_ns(second);
  Answered answered;
  world.start(answered, outgoing(toy::NULL_, second));
  CHECK(failed_as(answered, CallFailure::TimedOut));
  CHECK(world.wire.sent.empty());
}

TEST_CASE("All calls end with their connection, and no other begins") {
  World world;
  std::array<Answered, 3> answers;
  for (Answered& each : answers) world.start(each);
  CHECK_FALSE(world.calls->gone());
  world.calls->closed();
  CHECK(world.calls->gone());
  world.loop.run();
  for (const Answered& each : answers) CHECK(failed_as(each, CallFailure::Gone));
  CHECK_FALSE(world.alarms.any());
  Answered late;
  world.start(late);
  CHECK(failed_as(late, CallFailure::Gone));
  CHECK(world.wire.sent.size() == 3);
}

TEST_CASE("A wire that breaks while it sends ends the call") {
  World world;
  world.wire.breaks = true;
  Answered answered;
  world.start(answered);
  CHECK_FALSE(answered);
  world.loop.run();
  CHECK(failed_as(answered, CallFailure::Gone));
}

TEST_CASE("Calls in flight are bounded") {
  World world({.calls_in_flight = 2});
  Answered a, b, c, d;
  world.start(a);
  world.start(b);
  world.start(c);
  CHECK(failed_as(c, CallFailure::TooMany));
  CHECK(world.wire.sent.size() == 2);
  CHECK(world.received(reply_to(100, Number{1})));
  world.start(d);
  CHECK_FALSE(d);
  CHECK(world.wire.sent.size() == 3);
}

TEST_CASE("A malformed reply, or one that is too long, fails its call and is told") {
  World world({.reply_bytes = 64});
  Answered malformed, giant, fits;
  world.start(malformed);
  CHECK_FALSE(world.received(chain_of("00000064 00000001 00000007")));
  CHECK(failed_as(malformed, CallFailure::Malformed));
  world.start(giant);
  CHECK_FALSE(world.received(reply_to(101, data_of(40))));
  CHECK(failed_as(giant, CallFailure::Malformed));
  world.start(fits);
  CHECK(world.received(reply_to(102, data_of(36))));
  CHECK(fits->has_value());
}

TEST_CASE("What is no reply is told, a reply to nobody is not") {
  World world;
  Answered answered;
  world.start(answered);
  CHECK_FALSE(world.received(chain_of("00000064 00000000 00000002")));
  CHECK_FALSE(world.received(chain_of("00000064")));
  CHECK(world.received(chain_of("00000001 00000001")));
  CHECK_FALSE(answered);
}

TEST_CASE("A refused call is no malformed reply") {
  World world;
  Answered answered;
  world.start(answered);
  CHECK(world.received(chain_of("00000064 00000001 00000001 00000001 00000001")));
  CHECK(failed_as(answered, CallFailure::AuthError));
}

TEST_CASE("A datagram is sent again after ever longer waits, until it is answered") {
  World world({.retransmit_ns = second});
  Answered answered;
  world.start(answered, outgoing(toy::HOLD, 60 * second, Number{1}));
  const auto sent_by = [&world](std::uint64_t at) {
    while (world.clock.monotonic_ns() < at) {
      world.clock.advance_ns(second / 2);
      world.alarms.run();
    }
    return world.wire.sent.size();
  };
  CHECK(sent_by(second / 2) == 1);
  CHECK(sent_by(second) == 2);
  CHECK(sent_by(5 * second / 2) == 2);
  CHECK(sent_by(3 * second) == 3);
  CHECK(sent_by(13 * second / 2) == 3);
  CHECK(sent_by(7 * second) == 4);
  for (const BufferChain& each : world.wire.sent) CHECK(each == world.wire.sent[0]);
  CHECK(world.received(reply_to(100, Number{3})));
  CHECK(number_of(answered) == 3);
  CHECK(world.received(reply_to(100, Number{3})));  // to the second datagram
  CHECK(sent_by(59 * second) == 4);
}

TEST_CASE("A datagram that nobody answers times out at the deadline") {
  World world({.retransmit_ns = second});
  Answered answered;
  world.start(answered, outgoing(toy::HOLD, 5 * second / 2, Number{1}));
  world.clock.advance_ns(second);
  world.alarms.run();
  CHECK(world.wire.sent.size() == 2);
  world.clock.advance_ns(3 * second / 2);
  world.alarms.run();
  world.loop.run();
  CHECK(failed_as(answered, CallFailure::TimedOut));
  CHECK(world.wire.sent.size() == 2);
}

TEST_CASE("A call from another loop is sent on the connection's and goes on on its own") {
  World world;
  Answered answered;
  run_call(*world.calls, outgoing(toy::HOLD, second, Number{1}), world.other, answered);
  CHECK(world.wire.sent.empty());
  CHECK(world.loop.run() == 1);
  REQUIRE(world.wire.sent.size() == 1);
  CHECK(world.received(reply_to(100, Number{8})));
  CHECK_FALSE(answered);
  CHECK(world.other.run() == 1);
  CHECK(number_of(answered) == 8);
}

TEST_CASE("A call from another loop finds the connection gone, before or after it was posted") {
  World world;
  Answered posted, late;
  run_call(*world.calls, outgoing(toy::HOLD, second, Number{1}), world.other, posted);
  world.calls->closed();
  run_call(*world.calls, outgoing(toy::HOLD, second, Number{1}), world.other, late);
  CHECK(failed_as(late, CallFailure::Gone));
  CHECK(world.loop.run() == 1);
  CHECK(world.other.run() == 1);
  CHECK(failed_as(posted, CallFailure::Gone));
  CHECK(world.wire.sent.empty());
}
