// The backchannel of real connections, used from loops that are not theirs.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "rpc/dialer_world.hpp"

using namespace ditto;
using namespace ditto::test;
using rpc::CallFailure;
using toy::Number;

namespace {

/// Another loop than the connection's.
struct Caller {
  Caller() : runner([this] { loop.run(); }) {}
  ~Caller() { loop.stop(), runner.join(); }
  server::EventLoop loop;
  std::thread runner;
};

std::shared_ptr<rpc::Remote> way_back(TcpWorld& server, TcpClient& client) {
  REQUIRE(client.send(call(1, toy::BACK)));
  REQUIRE(client.receive());
  return server.memory.toy.back;
}

bool is_call(const BufferChain& record) { return word_at(record, 8) == 0; }

}  // namespace

TEST_CASE("A peer is called back by its own connection while it calls, from several loops") {
  TcpWorld server({}, 2);
  TcpClient client = server.client();
  const auto remote = way_back(server, client);
  Caller a, b;
  constexpr std::uint32_t rounds = 60;
  std::vector<std::future<rpc::CallResult>> answers;
  for (std::uint32_t i = 0; i < rounds / 2; ++i) {
    answers.push_back(call_from(a.loop, remote, outgoing(toy::HOLD, in_ms(soon_ms), Number{2 * i})));
    answers.push_back(call_from(b.loop, remote, outgoing(toy::HOLD, in_ms(soon_ms), Number{2 * i + 1})));
    REQUIRE(client.send(call(1000 + i, toy::ECHO, data_of(100 * i))));
  }
  // Answers each with the double of its number, which is its last word.
  std::uint32_t called = 0, replies = 0;
  while (called < rounds || replies < rounds / 2) {
    const auto got = client.receive();
    REQUIRE(got);
    if (is_call(*got)) {
      ++called;
      REQUIRE(client.send(record(reply_to(xid_of(*got), Number{2 * word_at(*got, got->size() - 4)}))));
    } else {
      ++replies;
    }
  }
  for (std::uint32_t i = 0; i < rounds; ++i) {
    const auto answered = answers[i].get();
    REQUIRE(answered);
    CHECK(rpc::results_of<Number>(answered)->value == 2 * i);
  }
}

TEST_CASE("A way back outlives its connection, and a call on it ends with that") {
  TcpWorld server;
  Caller caller;
  std::vector<std::shared_ptr<rpc::Remote>> kept;
  for (int i = 0; i < 30; ++i) {
    TcpClient client = server.client();
    kept.push_back(way_back(server, client));
    auto waiting = call_from(caller.loop, kept.back(), outgoing(toy::HOLD, in_ms(soon_ms), Number{1}));
    if (i % 2 == 0) REQUIRE(client.receive());
    client.close();  // perhaps before it was sent
    CHECK(waiting.get().error().failure == CallFailure::Gone);
  }
  CHECK(server.settles(0));
  for (const auto& each : kept) {
    CHECK(each->gone());
    CHECK(call_from(caller.loop, each, outgoing(toy::NULL_, in_ms(soon_ms))).get().error().failure ==
          CallFailure::Gone);
  }
}

TEST_CASE("A callback times out by the loop's own clock, and the connection goes on") {
  TcpWorld server;
  TcpClient client = server.client();
  const auto remote = way_back(server, client);
  Caller caller;
  CHECK(call_from(caller.loop, remote, outgoing(toy::HOLD, in_ms(50), Number{1})).get().error().failure ==
        CallFailure::TimedOut);
  CHECK(client.receive());
  REQUIRE(client.send(call(2, toy::NULL_)));
  const auto reply = client.receive();
  REQUIRE(reply);
  CHECK(xid_of(*reply) == 2);
  CHECK_FALSE(remote->gone());
}
