// A thread that waits for a coroutine: it runs what the coroutine posts home until it is done. For the control socket's
// thread, which may wait; no loop may. Used by one thread, posted to by any.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "base/executor.hpp"
#include "base/task.hpp"

namespace ditto::server {

class WaitingThread final : public Executor {
 public:
  void post(Job& job) override {
    // Notified under the lock: the waiting thread may be done, and gone, as soon as it is free.
    const std::lock_guard lock(mutex_);
    job.next = std::exchange(jobs_, &job);
    come_.notify_one();
  }

  /// The task's value; rethrows what it threw.
  template <class T>
  T wait_for(Task<T> task) {
    std::optional<T> result;
    std::exception_ptr thrown;
    run(task, result, thrown);
    while (!result && !thrown) run_next();
    if (thrown) std::rethrow_exception(thrown);
    return *std::move(result);
  }

 private:
  template <class T>
  static Detached run(Task<T>& task, std::optional<T>& result, std::exception_ptr& thrown) {
    try {
      result.emplace(co_await task);
    } catch (...) {
      thrown = std::current_exception();
    }
  }

  void run_next() {
    Job* job = nullptr;
    {
      std::unique_lock lock(mutex_);
      come_.wait(lock, [this] { return jobs_ != nullptr; });
      job = jobs_;
      jobs_ = job->next;
    }
    job->run(job);
  }

  std::mutex mutex_;  // guards jobs_
  std::condition_variable come_;
  Job* jobs_ = nullptr;
};

}  // namespace ditto::server
