// A connection of the toy program over memory, on loops that the test turns by hand. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/calls.hpp"
#include "rpc/connection.hpp"
#include "rpc/toy_program.hpp"
#include "rpc/transport.hpp"
#include "support/manual_alarms.hpp"
#include "support/manual_clock.hpp"
#include "support/manual_loop.hpp"
#include "support/recording_log.hpp"
#include "support/seeded_random.hpp"

namespace ditto::test {

/// A transport that keeps what it is told. It takes what is sent at once, or when the test says so.
class MemoryTransport final : public rpc::Transport {
 public:
  void send(BufferChain reply) override {
    const std::size_t size = reply.size();
    replies.push_back(std::move(reply));
    if (takes_at_once && connection) {
      connection->taken(size);
    } else {
      untaken += size;
    }
  }
  void pause_reading() override { paused = true; }
  void resume_reading() override { paused = false; }
  void close(std::string_view reason) override {
    ++closes;
    close_reason = reason;
  }
  void idle() override { ++idles; }

  void take(std::size_t bytes) {
    untaken -= bytes;
    connection->taken(bytes);
  }

  rpc::Connection* connection = nullptr;
  bool takes_at_once = true;
  std::vector<BufferChain> replies;
  std::size_t untaken = 0;
  bool paused = false;
  int closes = 0;
  std::string close_reason;
  int idles = 0;
};

/// What the connections of one server share.
struct MemoryHost {
  explicit MemoryHost(const rpc::ReplyCacheLimits& limits = {}, std::size_t in_flight_bytes = std::size_t{1} << 30)
      : replies(limits, random), in_flight(in_flight_bytes) {
    toy::add_to(programs, toy);
  }

  toy::Service toy;
  rpc::Programs programs;
  ManualLoop loop, pool;
  ManualClock clock;
  ManualAlarms alarms{clock};
  SeededRandom random{3};
  RecordingLog log;
  rpc::ReplyCache replies;
  rpc::InFlightPool in_flight;
  rpc::Host host{
      .programs = programs, .replies = replies, .in_flight = in_flight, .pool = pool, .clock = clock, .log = log};
};

inline rpc::Peer peer_at(std::uint8_t last_octet, std::uint16_t port = 700) {
  return {.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, last_octet}, .port = port};
}

struct MemoryConnection {
  explicit MemoryConnection(MemoryHost& host, const rpc::Peer& peer = peer_at(1),
                            const rpc::ConnectionLimits& limits = {})
      : connection(std::make_unique<rpc::Connection>(host.host, host.loop, host.alarms, peer, transport, limits)) {
    transport.connection = connection.get();
  }

  void received(Buffer bytes) { connection->received(std::move(bytes)); }
  const std::vector<BufferChain>& replies() const { return transport.replies; }
  void destroy() {
    transport.connection = nullptr;
    connection.reset();
  }

  MemoryTransport transport;
  std::unique_ptr<rpc::Connection> connection;
};

}  // namespace ditto::test
