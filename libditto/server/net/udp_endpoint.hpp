// A UDP port with RPC programs behind it, for portmap: one datagram is one call. Lives on one loop; a call whose reply
// cannot be sent at once is not answered, as with any lost datagram. The functions may be called from any thread. The
// endpoint, its host and its loop outlive all calls: close() and wait_gone() before they are destroyed, while the loop
// still runs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "ditto/failure.hpp"
#include "rpc/answer.hpp"
#include "server/net/event_loop.hpp"

namespace ditto::server {

struct UdpOptions {
  std::string address = "127.0.0.1";  // numeric, IPv4 or IPv6
  std::uint16_t port = 0;             // 0: any
  std::string port_setting;           // what sets the port, for hints in messages: "--portmap-port"
  /// Datagrams beyond it are dropped.
  std::size_t calls_in_flight = 64;
};

class UdpEndpoint {
 public:
  static Outcome<std::unique_ptr<UdpEndpoint>> open(EventLoop& loop, const rpc::Host& host, UdpOptions options);
  /// wait_gone() has returned true, or the loop never ran.
  ~UdpEndpoint();
  UdpEndpoint(const UdpEndpoint&) = delete;
  UdpEndpoint& operator=(const UdpEndpoint&) = delete;

  std::uint16_t port() const noexcept;

  /// Takes no more datagrams. Calls in flight run to their end, unanswered.
  void close();
  /// Waits after close() until no call is left; false: not within `timeout`. Not on the loop's thread.
  bool wait_gone(std::chrono::milliseconds timeout);

 private:
  class Impl;
  explicit UdpEndpoint(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ditto::server
