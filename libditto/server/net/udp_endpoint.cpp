#include "server/net/udp_endpoint.hpp"

#include <fcntl.h>

#include <array>
#include <asio/buffer.hpp>
#include <asio/ip/udp.hpp>
#include <asio/ip/v6_only.hpp>
#include <exception>
#include <system_error>
#include <utility>

#include "base/task.hpp"
#include "server/net/census.hpp"
#include "server/net/socket_address.hpp"

namespace ditto::server {
namespace {

using asio::ip::udp;

/// Longest call: portmap's are short, and what is longer is cut off and so refused.
constexpr std::size_t max_datagram_bytes = 4096;
/// Longest reply; a longer one cannot be a datagram.
constexpr std::size_t max_reply_bytes = 65000;

}  // namespace

class UdpEndpoint::Impl {
 public:
  Impl(EventLoop& loop, const rpc::Host& host, UdpOptions options)
      : loop_(loop), host_(host), options_(std::move(options)), socket_(loop.context()) {}

  Outcome<void> bind() {
    const auto address = parse_address(options_.address);
    if (!address) return std::unexpected(address.error());
    const udp::endpoint endpoint(*address, options_.port);
    std::error_code error;
    const auto step = [&error](auto&& act) {
      if (!error) act();
    };
    step([&] { socket_.open(endpoint.protocol(), error); });
    if (address->is_v6() && address->is_unspecified()) {
      step([&] { socket_.set_option(asio::ip::v6_only(false), error); });  // :: means IPv4 too
    }
    step([&] { socket_.bind(endpoint, error); });
    step([&] { socket_.non_blocking(true, error); });
    step([&] { port_ = socket_.local_endpoint(error).port(); });
    if (error)
      return std::unexpected(bind_failure(error, "UDP", options_.address, options_.port, options_.port_setting));
    census_.add();
    receive();
    return {};
  }

  std::uint16_t port() const noexcept { return port_; }
  bool wait_gone(std::chrono::milliseconds timeout) { return census_.wait_zero(timeout); }

  void close() {
    census_.add();
    post(loop_, [this] {
      std::error_code ignored;
      socket_.close(ignored);
      census_.remove();
    });
  }

 private:
  void receive() {
    socket_.async_receive_from(asio::buffer(input_), from_, [this](const std::error_code& error, std::size_t size) {
      EventLoop::Turn turn(loop_);
      if (!socket_.is_open()) return census_.remove();
      // An error is an earlier reply's that met a closed port.
      if (!error && calls_ < options_.calls_in_flight) {
        try {
          run(Buffer::copy_of(Bytes(input_).first(size)), from_);
        } catch (const std::exception&) {
          // No memory for it: the datagram is lost, as datagrams may be.
        }
      }
      receive();
    });
  }

  Detached run(BufferChain message, udp::endpoint from) {
    ++calls_;
    census_.add();
    rpc::Call call = rpc::new_call(host_, loop_, peer_of(from.address(), from.port()));
    BufferChain reply;
    try {
      reply = co_await rpc::answer(host_, call, message, rpc::Framing::Datagram);
      if (!reply.empty() && reply.size() <= max_reply_bytes && socket_.is_open()) {
        const Buffer whole = reply.coalesce();
        std::error_code ignored;
        socket_.send_to(asio::buffer(whole.data(), whole.size()), from, 0, ignored);
      }
    } catch (const std::exception&) {
      // No memory: as if it had been lost.
    }
    --calls_;
    census_.remove();
  }

  EventLoop& loop_;
  const rpc::Host& host_;
  const UdpOptions options_;
  Census census_;
  std::uint16_t port_ = 0;

  // On the loop.
  udp::socket socket_;
  udp::endpoint from_;
  std::size_t calls_ = 0;
  std::array<std::byte, max_datagram_bytes> input_{};
};

UdpEndpoint::UdpEndpoint(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
UdpEndpoint::~UdpEndpoint() = default;

Outcome<std::unique_ptr<UdpEndpoint>> UdpEndpoint::open(EventLoop& loop, const rpc::Host& host, UdpOptions options) {
  auto impl = std::make_unique<Impl>(loop, host, std::move(options));
  if (const auto bound = impl->bind(); !bound) return std::unexpected(bound.error());
  return std::unique_ptr<UdpEndpoint>(new UdpEndpoint(std::move(impl)));
}

std::uint16_t UdpEndpoint::port() const noexcept { return impl_->port(); }
void UdpEndpoint::close() { impl_->close(); }
bool UdpEndpoint::wait_gone(std::chrono::milliseconds timeout) { return impl_->wait_gone(timeout); }

}  // namespace ditto::server
