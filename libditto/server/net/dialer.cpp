#include "server/net/dialer.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "server/net/census.hpp"
#include "server/net/tcp_client.hpp"
#include "server/net/udp_client.hpp"

namespace ditto::server {

using rpc::CallFailure;

class SocketDialer::Impl final : public LinkOwner {
 public:
  Impl(EventLoop& loop, Random& random, const DialerOptions& options)
      : loop_(loop), random_(random), options_(options) {}

  Task<rpc::DialResult> dial(rpc::Destination destination, std::uint64_t deadline_ns, Executor& loop);

  void close() {
    census_.add();
    post(loop_, [this] {
      closed_ = true;
      // They go at the end of the turn, so none goes meanwhile.
      for (const auto& link : links_) link->close();
      census_.remove();
    });
  }
  bool wait_gone(std::chrono::milliseconds timeout) { return census_.wait_zero(timeout); }

  void over(Link& link) noexcept override {
    std::erase_if(links_, [&link](const std::shared_ptr<Link>& each) { return each.get() == &link; });
    census_.remove();
  }

 private:
  Task<rpc::DialResult> dial_here(rpc::Destination destination, std::uint64_t deadline_ns);
  Link& new_link(rpc::portmap::Protocol protocol);

  EventLoop& loop_;
  Random& random_;
  const DialerOptions options_;
  Census census_;  // links, dials under way

  // On the loop.
  std::vector<std::shared_ptr<Link>> links_;
  bool closed_ = false;
};

Task<rpc::DialResult> SocketDialer::Impl::dial(rpc::Destination destination, std::uint64_t deadline_ns,
                                               Executor& loop) {
  const bool elsewhere = &loop != &loop_;
  census_.add();
  if (elsewhere) co_await resume_on(loop_);
  rpc::DialResult result = rpc::call_failed(CallFailure::NoMemory);
  try {
    result = co_await dial_here(destination, deadline_ns);
  } catch (const std::exception&) {
    // As it says.
  }
  census_.remove();  // the dialer may be gone now
  if (elsewhere) co_await resume_on(loop);
  co_return result;
}

Task<rpc::DialResult> SocketDialer::Impl::dial_here(rpc::Destination destination, std::uint64_t deadline_ns) {
  if (closed_) co_return rpc::call_failed(CallFailure::Gone);
  if (links_.size() >= options_.max_sockets) co_return rpc::call_failed(CallFailure::TooMany);
  if (deadline_ns <= loop_.alarms().now_ns()) co_return rpc::call_failed(CallFailure::TimedOut);
  Link& link = new_link(destination.protocol);
  // From here on dropping it closes the link.
  const std::shared_ptr<rpc::Remote> remote = link.remote();
  const auto connected = co_await link.connect(destination, deadline_ns);
  if (!connected) co_return std::unexpected(connected.error());
  co_return remote;
}

Link& SocketDialer::Impl::new_link(rpc::portmap::Protocol protocol) {
  const auto xid = static_cast<std::uint32_t>(random_.next_u64());
  std::shared_ptr<Link> link;
  if (protocol == rpc::portmap::Protocol::Tcp) {
    link = std::make_shared<TcpClient>(*this, loop_, xid, options_.tcp);
  } else {
    link = std::make_shared<UdpClient>(*this, loop_, xid, options_.udp);
  }
  links_.push_back(link);
  census_.add();
  return *link;
}

SocketDialer::SocketDialer(EventLoop& loop, Random& random, const DialerOptions& options)
    : impl_(std::make_unique<Impl>(loop, random, options)) {}
SocketDialer::~SocketDialer() = default;

Task<rpc::DialResult> SocketDialer::dial(rpc::Destination destination, std::uint64_t deadline_ns, Executor& loop) {
  return impl_->dial(destination, deadline_ns, loop);
}
void SocketDialer::close() { impl_->close(); }
bool SocketDialer::wait_gone(std::chrono::milliseconds timeout) { return impl_->wait_gone(timeout); }

}  // namespace ditto::server
