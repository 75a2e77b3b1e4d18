// A TCP port with RPC programs behind it: takes connections, spreads them over the loops and keeps count. Each
// connection lives on its loop for life. The functions may be called from any thread unless they say otherwise. The
// listener, its host and its loops outlive all connections: stop() and wait_gone() before they are destroyed, while the
// loops still run.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "ditto/failure.hpp"
#include "rpc/answer.hpp"
#include "rpc/connection.hpp"
#include "server/net/event_loop.hpp"

namespace ditto::server {

struct TcpOptions {
  std::string address = "127.0.0.1";  // numeric, IPv4 or IPv6
  std::uint16_t port = 0;             // 0: any
  std::string port_setting;           // what sets the port, for hints in messages: "--nfs-port"
  /// One more is closed at once, and counted.
  std::size_t max_connections = 4096;
  /// A client that takes nothing of what was sent to it, or sends nothing of a record it has begun, is given up after
  /// this.
  std::chrono::milliseconds stall_timeout = std::chrono::seconds(60);
  rpc::ConnectionLimits connection{};
};

class TcpListener {
 public:
  /// Binds and listens at once; connections are taken as soon as the loops run. The failure's message says what to do.
  static Outcome<std::unique_ptr<TcpListener>> open(std::span<EventLoop* const> loops, const rpc::Host& host,
                                                    TcpOptions options);
  /// wait_gone() has returned true, or the loops never ran.
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  std::uint16_t port() const noexcept;
  /// Connections there are; one counts until the last of its calls has ended.
  std::size_t connections() const noexcept;
  /// Connections that were closed at once because there were too many.
  std::uint64_t refused() const noexcept;

  /// Takes no more connections and calls; calls in flight are answered, then their connections are closed.
  void drain();
  /// Takes no more connections and closes those there are. Calls in flight run to their end, unanswered.
  void close();
  /// Waits after drain() or close() until no connection is left; false: not within `timeout`. Not on a loop's thread.
  bool wait_gone(std::chrono::milliseconds timeout);

 private:
  class Impl;
  explicit TcpListener(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ditto::server
