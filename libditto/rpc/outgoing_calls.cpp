#include "rpc/outgoing_calls.hpp"

#include <algorithm>
#include <coroutine>
#include <exception>
#include <utility>

#include "base/assert.hpp"
#include "rpc/reply.hpp"

namespace ditto::rpc {
namespace {

/// Header, credential, verifier, arguments.
BufferChain encode_call(Framing framing, std::uint32_t xid, OutgoingCall& call) {
  MessageWriter message(framing);
  xdr::Writer& writer = message.writer();
  writer(call_header{.xid = xid, .prog = call.program, .vers = call.version, .proc = call.procedure});
  if (call.identity) {
    authsys_parms claimed{.stamp = call.identity->stamp, .uid = call.identity->caller.uid, .gid = call.identity->caller.gid};
    claimed.machinename = decltype(claimed.machinename)::lend(call.identity->machine_name);
    for (const std::uint32_t gid : call.identity->caller.groups()) claimed.gids.emplace_back() = gid;
    const Buffer body = xdr::encode(claimed).coalesce();
    writer(opaque_auth{AuthFlavor::Sys, xdr::opaque<opaque_auth::max_body>::lend(body.bytes())});
  } else {
    writer(opaque_auth{});
  }
  writer(opaque_auth{});
  writer.link(std::move(call.arguments));
  return message.finish();
}

}  // namespace

// A call in flight, in its coroutine's frame. As a job it resumes that.
struct OutgoingCalls::Pending : Job {
  struct Wake : Alarm {
    OutgoingCalls* calls = nullptr;
    Pending* pending = nullptr;
  };

  Pending(OutgoingCalls& calls, std::uint32_t number, std::uint64_t deadline) : xid(number), deadline_ns(deadline) {
    run = [](Job* self) { static_cast<Pending*>(self)->awaiter.resume(); };
    wake.calls = &calls;
    wake.pending = this;
    wake.run = [](Job* self) {
      const auto& alarm = *static_cast<Wake*>(self);
      alarm.calls->on_alarm(*alarm.pending);
    };
  }

  const std::uint32_t xid;
  const std::uint64_t deadline_ns;
  BufferChain message;
  std::uint64_t next_wait_ns = 0;  // 0: it is not sent again
  CallResult result = call_failed(CallFailure::Gone);
  Wake wake;
  std::coroutine_handle<> awaiter;
  Pending* next_pending = nullptr;
};

/// `co_await Reply(calls, pending)`: pending has ended.
class OutgoingCalls::Reply {
 public:
  Reply(OutgoingCalls& calls, Pending& pending) noexcept : calls_(calls), pending_(pending) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) const noexcept {
    pending_.awaiter = awaiter;
    return calls_.start(pending_);
  }
  void await_resume() const noexcept {}

 private:
  OutgoingCalls& calls_;
  Pending& pending_;
};

OutgoingCalls::OutgoingCalls(Executor& loop, Alarms& alarms, Wire& wire, Framing framing, std::uint32_t first_xid,
                             const OutgoingLimits& limits)
    : loop_(loop), alarms_(alarms), wire_(wire), framing_(framing), limits_(limits), next_xid_(first_xid), access_(loop) {}

OutgoingCalls::~OutgoingCalls() { DITTO_ASSERT(count_ == 0); }

Task<CallResult> OutgoingCalls::call(OutgoingCall call, Executor& loop) {
  const auto keep = shared_from_this();
  // Here, where what it throws is the caller's.
  Pending pending(*this, next_xid_.fetch_add(1), call.deadline_ns);
  pending.message = encode_call(framing_, pending.xid, call);
  if (!co_await access_.enter(loop)) co_return call_failed(CallFailure::Gone);
  co_await Reply(*this, pending);
  if (&loop != &loop_) co_await resume_on(loop);
  co_return std::move(pending.result);
}

bool OutgoingCalls::start(Pending& pending) noexcept {
  const auto refuse = [&pending](CallFailure why) {
    pending.result = call_failed(why);
    return false;
  };
  if (access_.is_closed()) return refuse(CallFailure::Gone);
  if (count_ >= limits_.calls_in_flight) return refuse(CallFailure::TooMany);
  const std::uint64_t now = alarms_.now_ns();
  if (pending.deadline_ns <= now) return refuse(CallFailure::TimedOut);
  pending.next_wait_ns = limits_.retransmit_ns;
  try {
    const bool again = pending.next_wait_ns > 0;
    alarms_.set(pending.wake, again ? std::min(pending.deadline_ns, now + pending.next_wait_ns) : pending.deadline_ns);
    BufferChain message = again ? pending.message : std::exchange(pending.message, BufferChain());
    pending.next_pending = std::exchange(first_, &pending);
    ++count_;
    wire_.send_call(std::move(message));
  } catch (const std::exception&) {
    // The message could not be shared: nothing was linked yet.
    alarms_.cancel(pending.wake);
    return refuse(CallFailure::NoMemory);
  }
  return true;
}

void OutgoingCalls::on_alarm(Pending& pending) noexcept {
  const std::uint64_t now = alarms_.now_ns();
  if (now >= pending.deadline_ns) return end(pending, call_failed(CallFailure::TimedOut));
  pending.next_wait_ns *= 2;
  try {
    alarms_.set(pending.wake, std::min(pending.deadline_ns, now + pending.next_wait_ns));
    wire_.send_call(pending.message);
  } catch (const std::exception&) {
    end(pending, call_failed(CallFailure::NoMemory));
  }
}

bool OutgoingCalls::received(const BufferChain& message) {
  const auto xid = reply_xid(message);
  if (!xid) return false;
  Pending* pending = find(*xid);
  if (!pending) return true;
  CallResult result = call_failed(CallFailure::Malformed);
  if (message.size() <= limits_.reply_bytes) result = read_reply(message);
  const bool well_formed = result || result.error().failure != CallFailure::Malformed;
  end(*pending, std::move(result));
  return well_formed;
}

void OutgoingCalls::closed() noexcept {
  access_.close();
  while (first_) end(*first_, call_failed(CallFailure::Gone));
}

// Its caller goes on in a turn of its own: whoever is below us on the stack is in the middle of something.
void OutgoingCalls::end(Pending& pending, CallResult result) noexcept {
  alarms_.cancel(pending.wake);
  Pending** link = &first_;
  while (*link != &pending) link = &(*link)->next_pending;
  *link = pending.next_pending;
  --count_;
  pending.result = std::move(result);
  loop_.post(pending);
}

OutgoingCalls::Pending* OutgoingCalls::find(std::uint32_t xid) const noexcept {
  Pending* pending = first_;
  while (pending && pending->xid != xid) pending = pending->next_pending;
  return pending;
}

}  // namespace ditto::rpc
