// The blocking pool: threads for calls that may wait for a disk, a remote store or a host program, so that loops never
// do. Threads are started as jobs find none idle, up to a bound, and stay. It orders nothing between jobs and has no
// bound on the queue: whoever posts bounds what is in flight. post() may be called from any thread, from a job too.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "base/executor.hpp"

namespace ditto {

class BlockingPool final : public Executor {
 public:
  /// `threads` (at least 1) is the most that will run.
  explicit BlockingPool(std::size_t threads);
  /// Runs everything that was posted, and what those jobs post, and joins the threads. Nobody else posts any more.
  ~BlockingPool() override;
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// Throws std::system_error only when not even the first thread could be started; the job is then not queued.
  void post(Job& job) override;

  /// Threads running now.
  std::size_t started() const;

 private:
  void start_thread();
  void work();

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable wake_;
  Job* first_ = nullptr;
  Job* last_ = nullptr;
  std::size_t queued_ = 0;
  std::size_t idle_ = 0;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  const std::size_t max_threads_;
  std::vector<std::thread> threads_;
};

}  // namespace ditto
