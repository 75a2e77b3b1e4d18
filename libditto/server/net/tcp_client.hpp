// A TCP connection that we opened to call a peer: connects by a deadline, writes calls, reads replies. It closes on
// anything that is not a reply. Lives on its loop, and ends as any Link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <coroutine>
#include <expected>
#include <optional>
#include <system_error>

#include "base/alarms.hpp"
#include "rpc/record.hpp"
#include "server/net/link.hpp"
#include "server/net/send_queue.hpp"
#include "server/net/tcp_socket.hpp"

namespace ditto::server {

class TcpClient final : public Link {
 public:
  TcpClient(LinkOwner& owner, EventLoop& loop, std::uint32_t first_xid, const rpc::OutgoingLimits& limits);

  Task<std::expected<void, rpc::CallError>> connect(rpc::Destination destination, std::uint64_t deadline_ns) override;

 private:
  struct Deadline : Alarm {
    TcpClient* client = nullptr;
    bool passed = false;
  };
  class Connected;

  void send_call(BufferChain message) noexcept override;
  void close_socket() noexcept override;
  void destroy_socket() noexcept override { socket_.reset(); }

  void flush();
  void read();
  void on_read(const std::error_code& error, std::size_t size);
  bool take_replies();

  std::optional<TcpSocket> socket_;  // until the link is over
  const std::uint32_t first_xid_;
  const std::size_t reply_bytes_;
  std::coroutine_handle<> connecting_;
  std::error_code connect_error_;
  Deadline deadline_;
  rpc::RecordReader records_;
  SendQueue queue_;
  Buffer chunk_;  // what is read into, behind chunk_used_
  std::size_t chunk_used_ = 0;
  bool blocked_ = false;  // the socket takes no more; a wait for it is under way
};

}  // namespace ditto::server
