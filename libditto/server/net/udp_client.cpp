#include "server/net/udp_client.hpp"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <exception>
#include <system_error>
#include <utility>

#include "server/net/privileged_port.hpp"
#include "server/net/socket_address.hpp"

namespace ditto::server {
namespace {

/// What the network reports about an earlier datagram.
bool is_passing(const std::error_code& error) noexcept {
  return error == asio::error::connection_refused || error == asio::error::host_unreachable ||
         error == asio::error::network_unreachable;
}

}  // namespace

UdpClient::UdpClient(LinkOwner& owner, EventLoop& loop, std::uint32_t first_xid, const rpc::OutgoingLimits& limits)
    : Link(owner, loop, rpc::Framing::Datagram, first_xid, limits),
      socket_(std::in_place, loop.context()),
      first_xid_(first_xid),
      reply_bytes_(limits.reply_bytes) {}

Task<std::expected<void, rpc::CallError>> UdpClient::connect(rpc::Destination destination, std::uint64_t) {
  const asio::ip::udp::endpoint endpoint(address_of(destination.endpoint.address), destination.endpoint.port);
  std::error_code error;
  socket_->open(endpoint.protocol(), error);
  if (!error) socket_->non_blocking(true, error);
  if (!error && destination.from_privileged_port) bind_privileged_port(*socket_, endpoint.protocol(), first_xid_);
  if (!error) socket_->connect(endpoint, error);
  if (error) co_return rpc::call_failed(rpc::CallFailure::Gone);
  input_ = Buffer::allocate(reply_bytes_ + 1);  // one that is too long is cut off, but seen to be
  input_.resize(reply_bytes_ + 1);
  receive();
  co_return std::expected<void, rpc::CallError>();
}

// A datagram that does not leave is one that is lost.
void UdpClient::send_call(BufferChain message) noexcept {
  try {
    const Buffer whole = message.coalesce();
    std::error_code ignored;
    socket_->send(asio::buffer(whole.data(), whole.size()), 0, ignored);
  } catch (const std::exception&) {
    // No memory: lost too.
  }
}

void UdpClient::receive() {
  socket_->async_receive(asio::buffer(input_.data(), input_.size()),
                         [this](const std::error_code& error, std::size_t size) {
                           EventLoop::Turn turn(loop());
                           done();
                           if (is_closed()) return;
                           if (error && !is_passing(error)) return close();
                           try {
                             if (!error) (void)calls().received(Buffer::copy_of(input_.bytes().first(size)));
                             receive();
                           } catch (const std::exception&) {
                             close();
                           }
                         });
  began();
}

void UdpClient::close_socket() noexcept {
  std::error_code ignored;
  socket_->close(ignored);
}

}  // namespace ditto::server
