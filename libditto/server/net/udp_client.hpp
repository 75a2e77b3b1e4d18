// A UDP socket for calls to one peer: a call is a datagram, sent again until its reply comes or its deadline. What is not
// a reply, and an unreachable port, which may be there a moment later, change nothing. Lives on its loop, and ends as
// any Link.
#pragma once

#include <asio/basic_datagram_socket.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/udp.hpp>
#include <cstdint>
#include <expected>
#include <optional>

#include "server/net/link.hpp"

namespace ditto::server {

class UdpClient final : public Link {
 public:
  UdpClient(LinkOwner& owner, EventLoop& loop, std::uint32_t first_xid, const rpc::OutgoingLimits& limits);

  /// Waits for nothing, and sends nothing.
  Task<std::expected<void, rpc::CallError>> connect(rpc::Destination destination, std::uint64_t deadline_ns) override;

 private:
  using Socket = asio::basic_datagram_socket<asio::ip::udp, asio::io_context::executor_type>;

  void send_call(BufferChain message) noexcept override;
  void close_socket() noexcept override;
  void destroy_socket() noexcept override { socket_.reset(); }
  void receive();

  std::optional<Socket> socket_;  // until the link is over
  const std::uint32_t first_xid_;
  const std::size_t reply_bytes_;
  Buffer input_;
};

}  // namespace ditto::server
