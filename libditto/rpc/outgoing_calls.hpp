// The calls that go out over one connection or datagram socket, without the socket: gives each an xid, finds it again
// when its reply comes, sends it anew where datagrams get lost, and ends it at its deadline or when the connection is
// over. Bounded: calls in flight, the size of a reply. It lives on one loop and belongs to whoever carries its messages,
// and to those who call, who may outlive the connection and be on other loops; that much is safe from any thread. The
// loop outlives closed(), and the loops of callers their calls.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/alarms.hpp"
#include "base/buffer.hpp"
#include "base/executor.hpp"
#include "base/loop_access.hpp"
#include "rpc/framing.hpp"
#include "rpc/remote.hpp"

namespace ditto::rpc {

struct OutgoingLimits {
  std::size_t calls_in_flight = 64;
  std::size_t reply_bytes = std::size_t{64} << 10;
  /// A call without a reply is sent again after this, then after twice as long, and so on; 0: never, as on a stream.
  std::uint64_t retransmit_ns = 0;
};

class OutgoingCalls final : public Remote, public std::enable_shared_from_this<OutgoingCalls> {
 public:
  /// What carries the messages. Called on the loop, until closed().
  class Wire {
   public:
    /// Takes over one call, with its record mark if it has one. May call closed(), does not throw.
    virtual void send_call(BufferChain message) noexcept = 0;

   protected:
    ~Wire() = default;
  };

  /// `first_xid` should differ from that of an earlier socket of the same port: its peer may remember.
  OutgoingCalls(Executor& loop, Alarms& alarms, Wire& wire, Framing framing, std::uint32_t first_xid,
                const OutgoingLimits& limits = {});
  ~OutgoingCalls() override;
  OutgoingCalls(const OutgoingCalls&) = delete;
  OutgoingCalls& operator=(const OutgoingCalls&) = delete;

  Task<CallResult> call(OutgoingCall call, Executor& loop) override;
  bool gone() const noexcept override { return access_.is_closed(); }

  // For what carries the messages, on the loop.

  /// A whole message came. False: it is no reply, or a malformed one to a call of ours; a stream of such is to be
  /// closed. A reply to no call of ours may be late, and is ignored.
  bool received(const BufferChain& message);
  /// The connection is over: every call ends, and none begins.
  void closed() noexcept;
  std::size_t in_flight() const noexcept { return count_; }

 private:
  struct Pending;
  class Reply;

  /// Sends it. False: it has ended at once.
  bool start(Pending& pending) noexcept;
  void on_alarm(Pending& pending) noexcept;
  void end(Pending& pending, CallResult result) noexcept;
  Pending* find(std::uint32_t xid) const noexcept;

  Executor& loop_;
  Alarms& alarms_;
  Wire& wire_;
  const Framing framing_;
  const OutgoingLimits limits_;
  std::atomic<std::uint32_t> next_xid_;
  LoopAccess access_;  // closed with the connection

  // On the loop.
  Pending* first_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace ditto::rpc
