// A socket that we opened to call a peer: what TcpClient and UdpClient have in common, above all how it ends. It lives
// on its dialer's loop and belongs to the dialer, until it is closed and nothing of it is under way; the Remote that it
// gives to callers may be used and dropped on any thread, then or later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>

#include "base/loop_access.hpp"
#include "base/task.hpp"
#include "rpc/dialer.hpp"
#include "rpc/outgoing_calls.hpp"
#include "server/net/event_loop.hpp"

namespace ditto::server {

class Link;

/// Who keeps the links.
class LinkOwner {
 public:
  /// At the end of a turn: nothing of `link` is left on the loop.
  virtual void over(Link& link) noexcept = 0;

 protected:
  ~LinkOwner() = default;
};

class Link : public rpc::OutgoingCalls::Wire, public std::enable_shared_from_this<Link> {
 public:
  Link(LinkOwner& owner, EventLoop& loop, rpc::Framing framing, std::uint32_t first_xid,
       const rpc::OutgoingLimits& limits);
  virtual ~Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Once. When it fails, the link is to be closed.
  virtual Task<std::expected<void, rpc::CallError>> connect(rpc::Destination destination,
                                                            std::uint64_t deadline_ns) = 0;
  /// For all who call. When the last one has dropped it, the link closes.
  std::shared_ptr<rpc::Remote> remote();
  /// Ends all calls. The link is over() as soon as nothing is under way.
  void close() noexcept;

 protected:
  /// What was under way ends soon.
  virtual void close_socket() noexcept = 0;
  /// Nothing is under way.
  virtual void destroy_socket() noexcept = 0;

  EventLoop& loop() const noexcept { return loop_; }
  rpc::OutgoingCalls& calls() const noexcept { return *calls_; }
  bool is_closed() const noexcept { return closed_; }

  // Around each asynchronous operation.
  void began() noexcept { ++operations_; }
  void done() noexcept {
    --operations_;
    schedule();
  }

 private:
  class DialedRemote;
  struct LinkJob : Job {
    Link* link = nullptr;
  };

  void release() noexcept;
  void schedule() noexcept;
  void end_of_turn() noexcept;

  LinkOwner& owner_;
  EventLoop& loop_;
  LoopAccess access_;  // closed when it is over
  const std::shared_ptr<rpc::OutgoingCalls> calls_;
  LinkJob end_of_turn_;
  LinkJob release_;
  std::shared_ptr<Link> released_;  // keeps it until release_ has run
  std::size_t operations_ = 0;
  bool closed_ = false;
  bool scheduled_ = false;
};

}  // namespace ditto::server
