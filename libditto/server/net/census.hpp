// Counts what lives on loops and must be gone before its owner can be destroyed: connections, timers, jobs under way.
// Any thread counts; one that is on no loop waits for zero.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace ditto::server {

class Census {
 public:
  void add() {
    std::lock_guard lock(mutex_);
    ++count_;
  }
  /// The last thing that whoever is counted does: the census may be gone once it returns.
  void remove() {
    // Under the lock: once it is released, the waiter may destroy us.
    std::lock_guard lock(mutex_);
    if (--count_ == 0) zero_.notify_all();
  }
  /// True as soon as nothing is left, false when that takes longer than `timeout`.
  bool wait_zero(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return zero_.wait_for(lock, timeout, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;  // guards count_
  std::condition_variable zero_;
  std::size_t count_ = 0;
};

}  // namespace ditto::server
