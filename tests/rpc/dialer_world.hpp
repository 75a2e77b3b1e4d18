// A SocketDialer on a loop and thread of its own, used in plain blocking calls from the test's thread. The dialer ends
// the way a server ends it.
#pragma once

#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "rpc/outgoing.hpp"
#include "rpc/tcp_world.hpp"
#include "server/net/dialer.hpp"
#include "support/seeded_random.hpp"

namespace ditto::test {

inline std::uint64_t in_ms(std::uint64_t ms) { return system_clock().monotonic_ns() + ms * 1'000'000; }
inline constexpr std::uint64_t soon_ms = 20000;

inline rpc::Destination loopback(std::uint16_t port, rpc::portmap::Protocol protocol = rpc::portmap::Protocol::Tcp) {
  return {.endpoint = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}, port}, .protocol = protocol};
}

/// A call from `loop`, whose result comes to another thread.
inline std::future<rpc::CallResult> call_from(server::EventLoop& loop, std::shared_ptr<rpc::Remote> remote,
                                              rpc::OutgoingCall call) {
  std::promise<rpc::CallResult> promise;
  auto future = promise.get_future();
  const auto run = [](std::shared_ptr<rpc::Remote> of, rpc::OutgoingCall made, Executor& on,
                      std::promise<rpc::CallResult> into) -> Detached {
    rpc::CallResult result = co_await of->call(std::move(made), on);
    of.reset();
    into.set_value(std::move(result));
  };
  post(loop, [run, &loop, of = std::move(remote), made = std::move(call), into = std::move(promise)]() mutable {
    run(std::move(of), std::move(made), loop, std::move(into));
  });
  return future;
}

class DialerWorld {
 public:
  explicit DialerWorld(const server::DialerOptions& options = {}) : dialer(loop, random, options) {
    thread_ = std::thread([this] { loop.run(); });
    other_thread_ = std::thread([this] { other.run(); });
  }
  ~DialerWorld() { end(); }
  void end() {
    if (!thread_.joinable()) return;
    dialer.close();
    if (!dialer.wait_gone(std::chrono::seconds(20))) std::terminate();
    loop.stop();
    other.stop();
    thread_.join();
    other_thread_.join();
  }

  std::future<rpc::DialResult> start_dial(const rpc::Destination& destination, std::uint64_t deadline_ns) {
    std::promise<rpc::DialResult> promise;
    auto future = promise.get_future();
    const auto run = [](server::SocketDialer& by, rpc::Destination to, std::uint64_t deadline, Executor& on,
                        std::promise<rpc::DialResult> into) -> Detached {
      into.set_value(co_await by.dial(to, deadline, on));
    };
    post(other, [this, run, destination, deadline_ns, into = std::move(promise)]() mutable {
      run(dialer, destination, deadline_ns, other, std::move(into));
    });
    return future;
  }
  rpc::DialResult dial(const rpc::Destination& destination, std::uint64_t deadline_ns = in_ms(soon_ms)) {
    return start_dial(destination, deadline_ns).get();
  }
  rpc::CallResult call(const std::shared_ptr<rpc::Remote>& remote, rpc::OutgoingCall call) {
    return call_from(other, remote, std::move(call)).get();
  }

  server::EventLoop loop;   // the dialer's
  server::EventLoop other;  // of who dials and calls
  SeededRandom random{5};
  server::SocketDialer dialer;

 private:
  std::thread thread_, other_thread_;
};

}  // namespace ditto::test
