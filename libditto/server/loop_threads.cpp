#include "server/loop_threads.hpp"

#ifdef __linux__
#include <sched.h>
#endif

#include <algorithm>

#include "server/signal_mask.hpp"

namespace ditto::server {

std::size_t usable_cores() noexcept {
#ifdef __linux__
  // Not what std::thread counts, which are all cores that are there. (It fails where there are more than 1,024.)
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) == 0) return std::max(1, CPU_COUNT(&mine));
#endif
  return std::max(1U, std::thread::hardware_concurrency());
}

LoopThreads::LoopThreads(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<EventLoop>());
    pointers_.push_back(loops_.back().get());
  }
}

void LoopThreads::start(First first) {
  const BlockedSignals blocked;
  std::size_t started = first == First::OnCaller ? 1 : 0;
  try {
    threads_.reserve(loops_.size());
    for (; started < loops_.size(); ++started) {
      threads_.emplace_back([loop = pointers_[started]] { loop->run(); });
    }
  } catch (...) {
    for (std::size_t i = first == First::OnCaller ? 1 : 0; i < started; ++i) pointers_[i]->stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    throw;
  }
  const std::lock_guard lock(mutex_);
  first_outstanding_ = first == First::OnCaller;
}

void LoopThreads::run_first() {
  first().run();
  const std::lock_guard lock(mutex_);
  first_outstanding_ = false;
  first_returned_.notify_all();
}

void LoopThreads::stop() {
  for (EventLoop* loop : pointers_) loop->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  std::unique_lock lock(mutex_);
  first_returned_.wait(lock, [this] { return !first_outstanding_; });
}

}  // namespace ditto::server
