#include "server/net/tcp_listener.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <cerrno>
#include <utility>
#include <vector>

#include "server/net/census.hpp"
#include "server/net/socket_address.hpp"
#include "server/net/tcp_group.hpp"
#include "server/net/tcp_socket.hpp"

namespace ditto::server {
namespace {

using asio::ip::tcp;

constexpr int accepts_per_turn = 16;
// Between two attempts when the process or the machine has no descriptor left.
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::uint64_t log_interval_ns = 1'000'000'000;
// Detects a peer that is gone within two minutes.
constexpr int keep_alive_idle_s = 60, keep_alive_interval_s = 15, keep_alive_probes = 4;

/// A descriptor that is given up for a moment when there is no other, so that a connection can be taken and closed
/// instead of staying in the queue.
class SpareDescriptor {
 public:
  SpareDescriptor() noexcept { take(); }
  ~SpareDescriptor() { give_up(); }
  SpareDescriptor(const SpareDescriptor&) = delete;
  SpareDescriptor& operator=(const SpareDescriptor&) = delete;

  void take() noexcept {
    if (fd_ < 0) fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
  void give_up() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

/// The connection was gone before it was taken; the next one may be well.
bool concerns_one(const std::error_code& error) noexcept {
  return error.value() == ECONNABORTED || error.value() == EPROTO || error.value() == EINTR;
}

/// A host program may start others, which have no business with our sockets.
void keep_from_children(int fd) noexcept { (void)::fcntl(fd, F_SETFD, FD_CLOEXEC); }

void set_up(TcpSocket& socket) noexcept {
  keep_from_children(socket.native_handle());
  std::error_code ignored;  // the peer may have closed already: then reading says so
  socket.non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
#ifdef TCP_KEEPIDLE
  const auto set = [&](int name, int value) {
    (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, name, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, keep_alive_idle_s);
  set(TCP_KEEPINTVL, keep_alive_interval_s);
  set(TCP_KEEPCNT, keep_alive_probes);
#endif
}

}  // namespace

class TcpListener::Impl {
 public:
  Impl(std::span<EventLoop* const> loops, const rpc::Host& host, TcpOptions options)
      : host_(host),
        options_(std::move(options)),
        acceptor_(loops.front()->context()),
        pause_(loops.front()->context()) {
    for (EventLoop* loop : loops) {
      groups_.push_back(std::make_unique<TcpGroup>(*loop, host_, options_, connections_, census_));
    }
  }

  Outcome<void> listen() {
    const auto address = parse_address(options_.address);
    if (!address) return std::unexpected(address.error());
    const tcp::endpoint endpoint(*address, options_.port);
    std::error_code error;
    const auto step = [&error](auto&& act) {
      if (!error) act();
    };
    step([&] { acceptor_.open(endpoint.protocol(), error); });
    step([&] { acceptor_.set_option(TcpAcceptor::reuse_address(true), error); });
    if (address->is_v6() && address->is_unspecified()) {
      step([&] { acceptor_.set_option(asio::ip::v6_only(false), error); });  // :: means IPv4 too
    }
    step([&] { acceptor_.bind(endpoint, error); });
    step([&] { acceptor_.listen(asio::socket_base::max_listen_connections, error); });
    step([&] { acceptor_.non_blocking(true, error); });
    step([&] { port_ = acceptor_.local_endpoint(error).port(); });
    if (error)
      return std::unexpected(bind_failure(error, "TCP", options_.address, options_.port, options_.port_setting));
    census_.add();
    wait();
    return {};
  }

  std::uint16_t port() const noexcept { return port_; }
  std::size_t connections() const noexcept { return connections_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
  bool wait_gone(std::chrono::milliseconds timeout) { return census_.wait_zero(timeout); }

  void stop(void (TcpGroup::*how)()) {
    on(first_loop(), [this] {
      std::error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    // Behind the connections that are on their way to their loops already.
    for (const auto& group : groups_) {
      on(first_loop(), [this, how, to = group.get()] { on(to->loop(), [how, to] { (to->*how)(); }); });
    }
  }

 private:
  EventLoop& first_loop() const noexcept { return groups_.front()->loop(); }

  /// Runs `act` on `loop`; counted, so that this object stays until then.
  template <class F>
  void on(EventLoop& loop, F act) {
    census_.add();
    post(loop, [this, act = std::move(act)]() mutable {
      act();
      census_.remove();
    });
  }

  void wait() {
    acceptor_.async_wait(TcpAcceptor::wait_read, [this](const std::error_code&) {
      EventLoop::Turn turn(first_loop());
      accept();
    });
  }

  void accept() {
    if (!acceptor_.is_open()) return census_.remove();
    for (int i = 0; i < accepts_per_turn; ++i) {
      TcpGroup& group = *groups_[next_group_];
      std::error_code error;
      tcp::endpoint from;
      TcpSocket socket(group.loop().context());
      acceptor_.accept(socket, from, error);
      if (error == asio::error::would_block || error == asio::error::try_again) break;
      if (concerns_one(error)) continue;
      if (error) return shed(error);
      if (connections() >= options_.max_connections) {
        refuse();
        continue;
      }
      next_group_ = (next_group_ + 1) % groups_.size();
      set_up(socket);
      hand_over(group, std::move(socket), peer_of(from.address(), from.port()));
    }
    wait();
  }

  void hand_over(TcpGroup& group, TcpSocket socket, const rpc::Peer& peer) {
    connections_.fetch_add(1, std::memory_order_relaxed);
    census_.add();
    if (&group.loop() == &first_loop()) return group.adopt(std::move(socket), peer);
    post(group.loop(), [&group, socket = std::move(socket), peer]() mutable { group.adopt(std::move(socket), peer); });
  }

  void refuse() {
    const std::uint64_t count = refused_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (may_log()) {
      host_.log.warn(fmt::format("port {} has {} connections, no more are taken ({} closed so far)", port_,
                                 options_.max_connections, count));
    }
  }

  /// Without descriptors, most likely: takes one connection to close it, and tries again a little later.
  void shed(const std::error_code& why) {
    if (may_log()) host_.log.warn(fmt::format("port {} cannot take connections: {}", port_, why.message()));
    spare_.give_up();
    std::error_code ignored;
    TcpSocket unwanted(first_loop().context());
    acceptor_.accept(unwanted, ignored);
    unwanted.close(ignored);
    spare_.take();
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](const std::error_code&) {
      EventLoop::Turn turn(first_loop());
      accept();
    });
  }

  bool may_log() {
    const std::uint64_t now = host_.clock.monotonic_ns();
    if (logged_ns_ != 0 && now - logged_ns_ < log_interval_ns) return false;
    logged_ns_ = now;
    return true;
  }

  const rpc::Host& host_;
  const TcpOptions options_;
  Census census_;
  std::atomic<std::size_t> connections_ = 0;  // taken and not gone, on all loops; only a number
  std::atomic<std::uint64_t> refused_ = 0;    // only a number
  std::vector<std::unique_ptr<TcpGroup>> groups_;
  std::uint16_t port_ = 0;

  // On the first group's loop.
  TcpAcceptor acceptor_;
  asio::steady_timer pause_;
  SpareDescriptor spare_;
  std::size_t next_group_ = 0;
  std::uint64_t logged_ns_ = 0;
};

TcpListener::TcpListener(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
TcpListener::~TcpListener() = default;

Outcome<std::unique_ptr<TcpListener>> TcpListener::open(std::span<EventLoop* const> loops, const rpc::Host& host,
                                                        TcpOptions options) {
  auto impl = std::make_unique<Impl>(loops, host, std::move(options));
  if (const auto listening = impl->listen(); !listening) return std::unexpected(listening.error());
  return std::unique_ptr<TcpListener>(new TcpListener(std::move(impl)));
}

std::uint16_t TcpListener::port() const noexcept { return impl_->port(); }
std::size_t TcpListener::connections() const noexcept { return impl_->connections(); }
std::uint64_t TcpListener::refused() const noexcept { return impl_->refused(); }
void TcpListener::drain() { impl_->stop(&TcpGroup::drain); }
void TcpListener::close() { impl_->stop(&TcpGroup::close); }
bool TcpListener::wait_gone(std::chrono::milliseconds timeout) { return impl_->wait_gone(timeout); }

}  // namespace ditto::server
