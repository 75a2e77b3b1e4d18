#include "server/net/tcp_client.hpp"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <exception>
#include <utility>

#include "server/net/privileged_port.hpp"
#include "server/net/socket_address.hpp"

namespace ditto::server {
namespace {

constexpr std::size_t chunk_bytes = 4096;
/// Calls that the peer does not take, although their callers have given them up.
constexpr std::size_t max_queued_bytes = std::size_t{1} << 20;

}  // namespace

/// `co_await Connected(client, endpoint)`: connected, or not, as connect_error_ says.
class TcpClient::Connected {
 public:
  Connected(TcpClient& client, const asio::ip::tcp::endpoint& endpoint) : client_(client), endpoint_(endpoint) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiter) {
    client_.socket_->async_connect(endpoint_, [client = &client_](const std::error_code& error) {
      EventLoop::Turn turn(client->loop());
      client->connect_error_ = error;
      client->done();
      client->connecting_.resume();
    });
    client_.connecting_ = awaiter;
    client_.began();
  }
  void await_resume() const noexcept {}

 private:
  TcpClient& client_;
  const asio::ip::tcp::endpoint endpoint_;
};

TcpClient::TcpClient(LinkOwner& owner, EventLoop& loop, std::uint32_t first_xid, const rpc::OutgoingLimits& limits)
    : Link(owner, loop, rpc::Framing::Record, first_xid, limits),
      socket_(std::in_place, loop.context()),
      first_xid_(first_xid),
      reply_bytes_(limits.reply_bytes) {
  deadline_.client = this;
  deadline_.run = [](Job* job) {
    auto& deadline = *static_cast<Deadline*>(job);
    deadline.passed = true;
    deadline.client->close_socket();  // connecting ends with an error
  };
}

Task<std::expected<void, rpc::CallError>> TcpClient::connect(rpc::Destination destination, std::uint64_t deadline_ns) {
  const asio::ip::tcp::endpoint endpoint(address_of(destination.endpoint.address), destination.endpoint.port);
  std::error_code error;
  socket_->open(endpoint.protocol(), error);
  if (!error) socket_->non_blocking(true, error);
  if (!error) socket_->set_option(asio::ip::tcp::no_delay(true), error);
  if (error) co_return rpc::call_failed(rpc::CallFailure::Gone);
  if (destination.from_privileged_port) bind_privileged_port(*socket_, endpoint.protocol(), first_xid_);

  loop().alarms().set(deadline_, deadline_ns);
  co_await Connected(*this, endpoint);
  loop().alarms().cancel(deadline_);
  if (deadline_.passed) co_return rpc::call_failed(rpc::CallFailure::TimedOut);
  if (connect_error_ || is_closed()) co_return rpc::call_failed(rpc::CallFailure::Gone);
  read();
  co_return std::expected<void, rpc::CallError>();
}

void TcpClient::send_call(BufferChain message) noexcept {
  try {
    queue_.push(std::move(message));
    if (queue_.size() > max_queued_bytes) return close();
    flush();
  } catch (const std::exception&) {
    close();
  }
}

void TcpClient::flush() {
  while (!queue_.empty() && !blocked_ && !is_closed()) {
    SendQueue::Scratch scratch;
    const SendQueue::Gathered gathered = queue_.gather(scratch);
    std::error_code error;
    const std::size_t sent = socket_->write_some(gathered, error);
    if (error && error != asio::error::would_block && error != asio::error::try_again) return close();
    queue_.remove(sent);
    if (sent == gathered.size_bytes()) continue;
    socket_->async_wait(TcpSocket::wait_write, [this](const std::error_code& failed) {
      EventLoop::Turn turn(loop());
      blocked_ = false;
      done();
      if (failed) return close();
      flush();
    });
    began();
    blocked_ = true;
  }
}

void TcpClient::read() {
  if (chunk_used_ == chunk_.size()) {
    chunk_ = Buffer::allocate(chunk_bytes);
    chunk_.resize(chunk_.capacity());
    chunk_used_ = 0;
  }
  socket_->async_read_some(asio::buffer(chunk_.data() + chunk_used_, chunk_.size() - chunk_used_),
                           [this](const std::error_code& error, std::size_t size) { on_read(error, size); });
  began();
}

void TcpClient::on_read(const std::error_code& error, std::size_t size) {
  EventLoop::Turn turn(loop());
  done();
  if (is_closed()) return;
  if (error) return close();
  try {
    records_.append(chunk_.slice(chunk_used_, size));
    chunk_used_ += size;
    if (!take_replies()) return close();
    read();
  } catch (const std::exception&) {
    close();
  }
}

// False: what the peer sends is no reply, or too long.
bool TcpClient::take_replies() {
  BufferChain message;
  for (;;) {
    switch (records_.next(message)) {
      case rpc::RecordReader::Next::Record: break;
      case rpc::RecordReader::Next::More: return records_.held() + records_.wanted() <= reply_bytes_;
      default: return false;
    }
    if (!calls().received(message)) return false;
  }
}

void TcpClient::close_socket() noexcept {
  std::error_code ignored;
  socket_->close(ignored);
  queue_.clear();
}

}  // namespace ditto::server
