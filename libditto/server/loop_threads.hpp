// The event loops of a server and the threads that run them; the first loop may be run by a thread of the caller's.
// Used by one thread at a time, run_first() apart.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "server/net/event_loop.hpp"

namespace ditto::server {

/// The cores that this process may run on: fewer than the machine has under taskset or in a cpuset.
std::size_t usable_cores() noexcept;

class LoopThreads {
 public:
  explicit LoopThreads(std::size_t count);
  /// stop() has returned, or nothing was started.
  ~LoopThreads() = default;
  LoopThreads(const LoopThreads&) = delete;
  LoopThreads& operator=(const LoopThreads&) = delete;

  std::span<EventLoop* const> all() const noexcept { return pointers_; }
  EventLoop& first() const noexcept { return *pointers_.front(); }

  enum class First : bool { OnThread, OnCaller };
  /// Throws std::system_error, and nothing runs, when the system has no thread left. With OnCaller the first loop runs
  /// when run_first() is called, which must happen.
  void start(First first);
  /// Runs the first loop until stop().
  void run_first();
  /// Waits until all loops have returned. Not on a loop's thread.
  void stop();

 private:
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<EventLoop*> pointers_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;  // guards first_outstanding_
  std::condition_variable first_returned_;
  bool first_outstanding_ = false;  // run_first() has not returned, or is yet to be called
};

}  // namespace ditto::server
