#include "nfs/common/outside.hpp"

#include <algorithm>
#include <coroutine>
#include <exception>
#include <utility>

#include "rpc/portmap/lookup.hpp"

namespace ditto::nfs {
namespace {

constexpr std::uint64_t send_within_ns = 5'000'000'000;

Detached send_alone(Outside& outside, Outside::Errand errand, Outside::Where where, std::uint32_t procedure,
                    BufferChain arguments) {
  const Outside::Errand mine(std::move(errand));
  try {
    co_await outside.call(where, procedure, std::move(arguments), send_within_ns);
  } catch (const std::exception&) {
    // No memory for it: as if it had been lost.
  }
}

}  // namespace

/// An errand that waits for its time to come.
class Outside::Nap : Alarm {
 public:
  Nap(Outside& outside, std::uint64_t ns) noexcept : outside_(outside), ns_(ns) {
    run = [](Job* self) { static_cast<Nap*>(self)->over(); };
  }
  bool await_ready() const noexcept { return outside_.closed_; }
  void await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    outside_.naps_.reserve(outside_.naps_.size() + 1);
    outside_.alarms_.set(*this, outside_.now_ns() + ns_);
    outside_.naps_.push_back(this);
  }
  bool await_resume() const noexcept { return !outside_.closed_; }

  void wake() {
    outside_.alarms_.cancel(*this);
    over();
  }

 private:
  void over() {
    std::erase(outside_.naps_, this);
    awaiter_.resume();
  }

  Outside& outside_;
  const std::uint64_t ns_;
  std::coroutine_handle<> awaiter_;
};

Outside::Outside(rpc::Dialer& dialer, Executor& loop, Alarms& alarms, std::string own_name)
    : dialer_(dialer), loop_(loop), alarms_(alarms), own_name_(std::move(own_name)) {}

Task<rpc::CallResult> Outside::call(Where where, std::uint32_t procedure, BufferChain arguments,
                                    std::uint64_t within_ns) {
  if (closed_) co_return rpc::call_failed(rpc::CallFailure::Gone);
  const std::uint64_t deadline_ns = now_ns() + within_ns;
  const auto port = co_await rpc::portmap::get_port(dialer_, where.address, where.program, where.version,
                                                    where.protocol, deadline_ns, loop_);
  if (!port) co_return std::unexpected(port.error());
  // Interop: lock managers of old take nothing from ports that anybody may have.
  const rpc::DialResult dialed = co_await dialer_.dial(
      {.endpoint = {where.address, *port}, .protocol = where.protocol, .from_privileged_port = true}, deadline_ns,
      loop_);
  if (!dialed) co_return std::unexpected(dialed.error());
  rpc::OutgoingCall call{.program = where.program,
                         .version = where.version,
                         .procedure = procedure,
                         .identity = rpc::SysIdentity{.machine_name = own_name_, .caller = {.uid = 0, .gid = 0}},
                         .arguments = std::move(arguments),
                         .deadline_ns = deadline_ns};
  co_return co_await (*dialed)->call(std::move(call), loop_);
}

void Outside::send(Where where, std::uint32_t procedure, BufferChain arguments) {
  Errand errand(*this);
  if (!errand) return;
  post(loop_, [this, errand = std::move(errand), where, procedure, arguments = std::move(arguments)]() mutable {
    send_alone(*this, std::move(errand), where, procedure, std::move(arguments));
  });
}

Task<bool> Outside::pause(std::uint64_t ns) {
  Nap nap(*this, ns);
  co_return co_await nap;
}

bool Outside::begin() {
  const std::lock_guard lock(mutex_);
  if (under_way_ >= max_errands) return false;
  ++under_way_;
  return true;
}

void Outside::end() {
  const std::lock_guard lock(mutex_);
  if (--under_way_ == 0) none_left_.notify_all();
}

void Outside::wake_all() {
  closed_ = true;
  while (!naps_.empty()) naps_.back()->wake();
}

void Outside::close() {
  {
    const std::lock_guard lock(mutex_);
    ++under_way_;  // whatever the limit
  }
  post(loop_, [this] {
    wake_all();
    end();
  });
}

bool Outside::wait_gone(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return none_left_.wait_for(lock, timeout, [this] { return under_way_ == 0; });
}

}  // namespace ditto::nfs
