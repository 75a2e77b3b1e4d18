#include "server/net/link.hpp"

#include <utility>

namespace ditto::server {

class Link::DialedRemote final : public rpc::Remote {
 public:
  explicit DialedRemote(std::shared_ptr<Link> link) noexcept : link_(std::move(link)) {}
  ~DialedRemote() override { link_->release(); }
  DialedRemote(const DialedRemote&) = delete;
  DialedRemote& operator=(const DialedRemote&) = delete;

  Task<rpc::CallResult> call(rpc::OutgoingCall call, Executor& loop) override {
    return link_->calls().call(std::move(call), loop);
  }
  bool gone() const noexcept override { return link_->calls().gone(); }

 private:
  const std::shared_ptr<Link> link_;
};

Link::Link(LinkOwner& owner, EventLoop& loop, rpc::Framing framing, std::uint32_t first_xid,
           const rpc::OutgoingLimits& limits)
    : owner_(owner),
      loop_(loop),
      access_(loop),
      calls_(std::make_shared<rpc::OutgoingCalls>(loop, loop.alarms(), *this, framing, first_xid, limits)) {
  end_of_turn_.link = release_.link = this;
  end_of_turn_.run = [](Job* job) { static_cast<LinkJob*>(job)->link->end_of_turn(); };
  release_.run = [](Job* job) {
    const std::shared_ptr<Link> link = std::move(static_cast<LinkJob*>(job)->link->released_);
    link->close();
  };
}

std::shared_ptr<rpc::Remote> Link::remote() { return std::make_shared<DialedRemote>(shared_from_this()); }

void Link::release() noexcept {
  released_ = shared_from_this();
  if (!access_.post(release_)) released_.reset();
}

void Link::close() noexcept {
  if (std::exchange(closed_, true)) return;
  calls_->closed();
  close_socket();
  schedule();
}

// Whoever closes a link may be in the middle of something with it.
void Link::schedule() noexcept {
  if (!closed_ || operations_ > 0 || std::exchange(scheduled_, true)) return;
  loop_.at_end_of_turn(end_of_turn_);
}

void Link::end_of_turn() noexcept {
  access_.close();
  destroy_socket();
  owner_.over(*this);
}

}  // namespace ditto::server
