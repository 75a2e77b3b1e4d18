// Calls of ours on a connection that the peer opened: their replies come between its calls.
#include <catch2/catch.hpp>
#include <vector>

#include "rpc/memory_connection.hpp"
#include "rpc/outgoing.hpp"
#include "wire/golden.hpp"

using namespace ditto;
using namespace ditto::test;
using rpc::CallFailure;
using toy::Number;

namespace {

constexpr std::uint64_t second = 1'000'000'000;

struct World {
  /// The peer has asked to be called.
  World() { client.received(call(1, toy::BACK)); }
  /// Calls that nobody answered end with the connection, on their loop.
  ~World() { client.destroy(), host.loop.run(); }

  void start(Answered& answered, std::uint32_t number = 1) {
    run_call(*host.toy.back, outgoing(toy::HOLD, host.clock.monotonic_ns() + second, Number{number}), host.loop,
             answered);
  }
  const BufferChain& last_sent() const { return client.replies().back(); }
  std::size_t sent() const { return client.replies().size(); }

  MemoryHost host;
  MemoryConnection client{host};
};

}  // namespace

TEST_CASE("Calls and replies of both sides share one connection") {
  World world;
  REQUIRE(world.host.toy.back);
  CHECK(world.sent() == 1);
  Answered first, second_call;
  world.start(first, 11);
  const std::uint32_t first_xid = xid_of(world.last_sent());
  CHECK(word_at(world.last_sent(), 8) == 0);  // CALL
  CHECK(word_at(world.last_sent(), 0) == (0x80000000 | (world.last_sent().size() - 4)));
  // A call of the peer's with the same xid is another thing.
  world.client.received(call(first_xid, toy::ECHO, data_of(4)));
  CHECK(word_at(world.last_sent(), 8) == 1);
  world.start(second_call, 12);
  const std::uint32_t second_xid = xid_of(world.last_sent());
  CHECK(second_xid != first_xid);

  world.client.received(
      joined({call(50, toy::NULL_), record(reply_to(second_xid, Number{22})), call(51, toy::ECHO, data_of(9)),
              record(reply_to(first_xid, Number{21})), call(52, toy::NULL_)}));
  world.host.loop.run();
  REQUIRE(first);
  REQUIRE(second_call);
  CHECK(rpc::results_of<Number>(*first)->value == 21);
  CHECK(rpc::results_of<Number>(*second_call)->value == 22);
  REQUIRE(world.sent() == 7);
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(xid_of(world.client.replies()[4 + i]) == 50 + i);
  CHECK(world.client.transport.closes == 0);
  CHECK(world.client.connection->calls_in_flight() == 0);
  CHECK(world.client.connection->bytes_in_flight() == 0);
}

TEST_CASE("A connection has one backchannel") {
  World world;
  const auto first = world.host.toy.back;
  world.client.received(call(2, toy::BACK));
  CHECK(world.host.toy.back == first);
  CHECK(world.client.connection->backchannel() == first);
}

TEST_CASE("A call that waits for its callback goes on once that is answered") {
  World world;
  world.client.received(call(2, toy::HOLD, Number{5}));
  Answered answered;
  world.start(answered);
  CHECK(world.client.connection->calls_in_flight() == 1);
  world.client.received(record(reply_to(xid_of(world.last_sent()), Number{1})));
  world.host.loop.run();
  CHECK(answered->has_value());
  world.host.toy.held.release_all();
  world.host.loop.run();
  CHECK(xid_of(world.last_sent()) == 2);
}

TEST_CASE("A reply to nobody is ignored; without a backchannel it ends the connection") {
  World world;
  world.client.received(record(reply_to(0xdeadbeef, Number{1})));
  world.client.received(call(2, toy::NULL_));
  CHECK(world.client.transport.closes == 0);
  CHECK(xid_of(world.last_sent()) == 2);

  MemoryConnection other(world.host, peer_at(2));
  other.received(record(reply_to(0xdeadbeef, Number{1})));
  CHECK(other.transport.closes == 1);
  CHECK(other.transport.close_reason == "sent something that is not a call");
}

TEST_CASE("A malformed reply fails its call and closes its connection only") {
  World world;
  MemoryConnection other(world.host, peer_at(2));
  Answered answered, beside;
  world.start(answered);
  const std::uint32_t xid = xid_of(world.last_sent());
  world.start(beside);
  world.client.received(record(xdr::encode(rpc::call_header{.xid = xid, .mtype = rpc::msg_type::REPLY, .rpcvers = 9})));
  world.host.loop.run();
  CHECK(failed_as(answered, CallFailure::Malformed));
  CHECK(failed_as(beside, CallFailure::Gone));
  CHECK(world.client.transport.closes == 1);
  CHECK(world.client.transport.close_reason == "sent a malformed reply");
  CHECK(world.client.transport.idles == 1);
  CHECK(world.host.toy.back->gone());
  CHECK(other.transport.closes == 0);
}

TEST_CASE("A reply that is too long ends the connection") {
  World world;
  Answered answered;
  world.start(answered);
  world.client.received(record(reply_to(xid_of(world.last_sent()), data_of(100000))));
  world.host.loop.run();
  CHECK(failed_as(answered, CallFailure::Malformed));
  CHECK(world.client.transport.closes == 1);
}

TEST_CASE("The way back is gone however the connection ends, and may be kept") {
  World world;
  Answered answered;
  world.start(answered);
  CHECK_FALSE(world.host.toy.back->gone());
  switch (GENERATE(0, 1, 2, 3, 4)) {
    case 0: world.client.connection->closed(); break;
    case 1: world.client.destroy(); break;
    case 2: world.client.connection->ended(); break;
    case 3: world.client.connection->drain(); break;
    default: world.client.received(record(chain_of("00000001"))); break;
  }
  world.host.loop.run();
  CHECK(world.host.toy.back->gone());
  CHECK(failed_as(answered, CallFailure::Gone));
  Answered late;
  world.start(late);
  CHECK(failed_as(late, CallFailure::Gone));
  CHECK_FALSE(world.host.alarms.any());
}

TEST_CASE("Who asks for the way back when the connection is over gets one that is gone") {
  MemoryHost host;
  MemoryConnection client(host);
  client.connection->closed();
  CHECK(client.connection->backchannel()->gone());
}

TEST_CASE("Replies that came before the peer's end still count") {
  World world;
  Answered answered;
  world.start(answered);
  const Buffer reply = record(reply_to(xid_of(world.last_sent()), Number{4}));
  world.client.received(Buffer::copy_of(reply.bytes().first(10)));
  world.client.received(Buffer::copy_of(reply.bytes().subspan(10)));
  world.client.connection->ended();
  world.host.loop.run();
  CHECK(answered->has_value());
  CHECK(world.client.transport.idles == 1);
}

TEST_CASE("Callbacks that the peer does not take count as in flight") {
  World world;
  world.client.transport.takes_at_once = false;
  Answered answered;
  world.start(answered);
  const std::size_t size = world.last_sent().size();
  CHECK(world.client.connection->bytes_in_flight() == size);
  CHECK(world.client.transport.untaken == size);
  world.client.transport.take(size);
  CHECK(world.client.connection->bytes_in_flight() == 0);
}

TEST_CASE("A callback that is not answered times out, and the connection goes on") {
  World world;
  Answered answered;
  world.start(answered);
  world.host.clock.advance_seconds(1);
  CHECK(world.host.alarms.run() == 1);
  world.host.loop.run();
  CHECK(failed_as(answered, CallFailure::TimedOut));
  world.client.received(record(reply_to(xid_of(world.last_sent()), Number{1})));
  world.client.received(call(2, toy::NULL_));
  CHECK(xid_of(world.last_sent()) == 2);
  CHECK(world.client.transport.closes == 0);
}
