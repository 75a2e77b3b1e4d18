#include "server/net/event_loop.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <atomic>
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

}  // namespace

struct EventLoop::Impl {
  asio::io_context context{one_thread};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::atomic<Job*> posted = nullptr;  // the newest first; whoever makes it non-empty wakes the loop
  std::atomic<unsigned> posting = 0;   // threads within post()
  Job* at_end = nullptr;               // of the turn; the newest first
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}

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

asio::io_context& EventLoop::context() noexcept { return impl_->context; }

}  // namespace ditto::server
