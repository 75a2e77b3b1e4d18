// The connections of one listener on one loop. Lives on that loop: every function but the constructor is called there.
// It owns its connections, checks now and then that they move, and counts those that are gone down in the listener's
// census.
#pragma once

#include <asio/steady_timer.hpp>
#include <atomic>
#include <chrono>
#include <cstddef>

#include "rpc/answer.hpp"
#include "server/net/census.hpp"
#include "server/net/event_loop.hpp"
#include "server/net/tcp_listener.hpp"
#include "server/net/tcp_socket.hpp"

namespace ditto::server {

class TcpTransport;

class TcpGroup {
 public:
  /// Each connection that is gone is taken from `connections` and from `census`; both outlive it.
  TcpGroup(EventLoop& loop, const rpc::Host& host, const TcpOptions& options, std::atomic<std::size_t>& connections,
           Census& census);
  /// Nothing is left, or the loop never ran.
  ~TcpGroup();
  TcpGroup(const TcpGroup&) = delete;
  TcpGroup& operator=(const TcpGroup&) = delete;

  /// Takes over a connection that has been counted. After drain() or close() it is closed at once.
  void adopt(TcpSocket socket, const rpc::Peer& peer);
  void drain();
  void close();

  /// From a transport, at the end of a turn: it is destroyed here.
  void gone(TcpTransport& transport);

  EventLoop& loop() const noexcept { return loop_; }
  const rpc::Host& host() const noexcept { return host_; }
  const TcpOptions& options() const noexcept { return options_; }

 private:
  template <class F>
  void for_each(F act);
  void count_down();
  void watch();
  void on_timer();
  std::chrono::milliseconds watch_interval() const noexcept;

  EventLoop& loop_;
  const rpc::Host& host_;
  const TcpOptions& options_;
  std::atomic<std::size_t>& connections_;  // of the listener, on all its loops
  Census& census_;
  TcpTransport* first_ = nullptr;
  asio::steady_timer timer_;
  bool watching_ = false;  // the timer runs
  bool stopping_ = false;
};

}  // namespace ditto::server
