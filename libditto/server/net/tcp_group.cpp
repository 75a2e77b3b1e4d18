#include "server/net/tcp_group.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "server/net/tcp_transport.hpp"

namespace ditto::server {
namespace {

constexpr std::chrono::milliseconds longest_watch = std::chrono::seconds(1);
constexpr std::chrono::milliseconds shortest_watch{10};
constexpr std::chrono::milliseconds watch_when_stopping{100};

}  // namespace

TcpGroup::TcpGroup(EventLoop& loop, const rpc::Host& host, const TcpOptions& options,
                   std::atomic<std::size_t>& connections, Census& census)
    : loop_(loop), host_(host), options_(options), connections_(connections), census_(census), timer_(loop.context()) {}

TcpGroup::~TcpGroup() {
  while (first_) delete std::exchange(first_, first_->next_in_group);
}

void TcpGroup::adopt(TcpSocket socket, const rpc::Peer& peer) {
  if (stopping_) return count_down();
  TcpTransport* transport = nullptr;
  try {
    transport = new TcpTransport(*this, std::move(socket), peer);
  } catch (const std::exception&) {
    return count_down();  // no memory, no connection
  }
  transport->next_in_group = first_;
  if (first_) first_->previous_in_group = transport;
  first_ = transport;
  transport->start();
  watch();
}

void TcpGroup::gone(TcpTransport& transport) {
  (transport.previous_in_group ? transport.previous_in_group->next_in_group : first_) = transport.next_in_group;
  if (transport.next_in_group) transport.next_in_group->previous_in_group = transport.previous_in_group;
  delete &transport;
  if (!first_) timer_.cancel();
  count_down();
}

void TcpGroup::count_down() {
  connections_.fetch_sub(1, std::memory_order_relaxed);
  census_.remove();
}

template <class F>
void TcpGroup::for_each(F act) {
  // Transports go at the end of a turn, so none goes meanwhile.
  for (TcpTransport* each = first_; each; each = each->next_in_group) act(*each);
}

void TcpGroup::drain() {
  stopping_ = true;
  timer_.cancel();  // it starts again with its shorter interval
  for_each([](TcpTransport& transport) { transport.drain(); });
}

void TcpGroup::close() {
  stopping_ = true;
  for_each([](TcpTransport& transport) { transport.abort("the server stops"); });
}

void TcpGroup::watch() {
  if (watching_) return;
  watching_ = true;
  census_.add();
  timer_.expires_after(watch_interval());
  timer_.async_wait([this](const std::error_code&) { on_timer(); });
}

std::chrono::milliseconds TcpGroup::watch_interval() const noexcept {
  if (stopping_) return watch_when_stopping;
  return std::clamp(options_.stall_timeout / 8, shortest_watch, longest_watch);
}

void TcpGroup::on_timer() {
  EventLoop::Turn turn(loop_);
  watching_ = false;
  if (first_) {
    const std::uint64_t now = host_.clock.monotonic_ns();
    for_each([&](TcpTransport& transport) { transport.check_progress(now, options_.stall_timeout); });
    watch();
  }
  census_.remove();
}

}  // namespace ditto::server
