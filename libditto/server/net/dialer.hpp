// rpc::Dialer by sockets. All that it opens lives on one loop, wherever the callers are; calls of a server are few. Dial
// from any loop's thread. The dialer and its loop outlive all of that: close() and wait_gone() before they are
// destroyed, while the loop still runs, and nobody dials afterwards; Remotes may be kept longer, and are gone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/random.hpp"
#include "rpc/dialer.hpp"
#include "rpc/outgoing_calls.hpp"
#include "server/net/event_loop.hpp"

namespace ditto::server {

struct DialerOptions {
  /// Sockets that are open, or opening; one more is refused.
  std::size_t max_sockets = 1024;
  rpc::OutgoingLimits tcp{};
  rpc::OutgoingLimits udp{.reply_bytes = 8192, .retransmit_ns = 1'000'000'000};
};

class SocketDialer final : public rpc::Dialer {
 public:
  /// `random` chooses where xids begin: only within the dialer.
  SocketDialer(EventLoop& loop, Random& random, const DialerOptions& options = {});
  /// wait_gone() has returned true, or nothing was ever dialled.
  ~SocketDialer() override;
  SocketDialer(const SocketDialer&) = delete;
  SocketDialer& operator=(const SocketDialer&) = delete;

  Task<rpc::DialResult> dial(rpc::Destination destination, std::uint64_t deadline_ns, Executor& loop) override;

  /// Closes all sockets, which ends the calls, and opens no more. Any thread.
  void close();
  /// Waits after close() until nothing is left; false: not within `timeout`. Not on the loop's thread.
  bool wait_gone(std::chrono::milliseconds timeout);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace ditto::server
