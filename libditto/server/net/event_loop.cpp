#include "server/net/event_loop.hpp"

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace ditto::server {
namespace {

// Asio leaves out some locking when it knows that one thread runs the context; others may still post.
constexpr int one_thread = 1;

Job* reversed(Job* list) noexcept {
  Job* turned = nullptr;
  while (list) {
    Job* next = std::exchange(list->next, turned);
    turned = std::exchange(list, next);
  }
  return turned;
}

// The timer waits for the first alarm.
class LoopAlarms final : public Alarms {
 public:
  LoopAlarms(EventLoop& loop, asio::io_context& context, const Clock& clock)
      : loop_(loop), clock_(clock), timer_(context) {}

  void set(Alarm& alarm, std::uint64_t due_ns) override {
    list_.insert(alarm, due_ns);
    try {
      wait();
    } catch (...) {
      list_.remove(alarm);
      throw;
    }
  }
  // The timer may run in vain.
  void cancel(Alarm& alarm) noexcept override { list_.remove(alarm); }
  std::uint64_t now_ns() const noexcept override { return clock_.monotonic_ns(); }

 private:
  static constexpr std::uint64_t never = ~std::uint64_t{0};
  static constexpr std::uint64_t longest_wait_ns = 3'600'000'000'000;

  void wait() {
    const Alarm* first = list_.first();
    if (!first || first->due_ns >= waits_for_ns_) return;
    const std::uint64_t now = now_ns();
    const std::chrono::nanoseconds left(first->due_ns > now ? std::min(first->due_ns - now, longest_wait_ns) : 0);
    waits_for_ns_ = never;  // until it does
    timer_.expires_after(left);
    timer_.async_wait([this](const std::error_code& error) {
      if (!error) on_timer();  // else another wait has begun
    });
    waits_for_ns_ = first->due_ns;
  }

  void on_timer() {
    EventLoop::Turn turn(loop_);
    waits_for_ns_ = never;
    while (Alarm* due = list_.take_due(now_ns())) due->run(due);
    wait();
  }

  EventLoop& loop_;
  const Clock& clock_;
  AlarmList list_;
  asio::steady_timer timer_;
  std::uint64_t waits_for_ns_ = never;
};

}  // namespace

struct EventLoop::Impl {
  Impl(EventLoop& loop, const Clock& clock) : alarms(loop, context, clock) {}

  asio::io_context context{one_thread};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::atomic<Job*> posted = nullptr;  // the newest first; whoever makes it non-empty wakes the loop
  std::atomic<unsigned> posting = 0;   // threads within post()
  Job* at_end = nullptr;               // of the turn; the newest first
  LoopAlarms alarms;
};

EventLoop::EventLoop(const Clock& clock) : impl_(std::make_unique<Impl>(*this, clock)) {}

EventLoop::~EventLoop() {
  // A thread that has just posted the last job may still be waking us.
  while (impl_->posting.load(std::memory_order_acquire) != 0) std::this_thread::yield();
  while (impl_->posted.load(std::memory_order_relaxed)) run_posted();
}

void EventLoop::run() {
  for (;;) {
    try {
      impl_->context.run();
      return;
    } catch (const std::exception&) {
      // Out of memory in a handler: what it was about is lost, the others go on.
    }
  }
}

void EventLoop::stop() { impl_->context.stop(); }

void EventLoop::post(Job& job) {
  Impl& impl = *impl_;
  impl.posting.fetch_add(1, std::memory_order_relaxed);
  Job* newest = impl.posted.load(std::memory_order_relaxed);
  do {
    job.next = newest;
  } while (!impl.posted.compare_exchange_weak(newest, &job, std::memory_order_release, std::memory_order_relaxed));
  if (!newest) asio::post(impl.context, [this] { run_posted(); });
  impl.posting.fetch_sub(1, std::memory_order_release);
}

void EventLoop::run_posted() noexcept {
  Turn turn(*this);
  Job* job = reversed(impl_->posted.exchange(nullptr, std::memory_order_acquire));
  while (job) {
    Job* next = job->next;  // the job may be gone, or posted again, once it runs
    job->run(job);
    job = next;
  }
}

void EventLoop::at_end_of_turn(Job& job) noexcept { job.next = std::exchange(impl_->at_end, &job); }

void EventLoop::end_turn() noexcept {
  while (Job* job = reversed(std::exchange(impl_->at_end, nullptr))) {
    while (job) {
      Job* next = job->next;
      job->run(job);
      job = next;
    }
  }
}

Alarms& EventLoop::alarms() noexcept { return impl_->alarms; }

asio::io_context& EventLoop::context() noexcept { return impl_->context; }

}  // namespace ditto::server
