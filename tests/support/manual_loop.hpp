// An executor that runs what was posted when a test tells it to, on the test's thread: a loop or a pool of which the
// test decides every step. post() may be called from any thread.
#pragma once

#include <mutex>

#include "base/executor.hpp"

namespace ditto::test {

class ManualLoop final : public Executor {
 public:
  void post(Job& job) override {
    const std::lock_guard lock(mutex_);
    job.next = nullptr;
    (last_ ? last_->next : first_) = &job;
    last_ = &job;
  }

  /// Runs the job posted first; false when there is none.
  bool run_one() {
    Job* job = take();
    if (job) job->run(job);
    return job != nullptr;
  }
  /// Runs all there is, and what that posts; says how many jobs it was.
  int run() {
    int count = 0;
    while (run_one()) ++count;
    return count;
  }

 private:
  Job* take() {
    const std::lock_guard lock(mutex_);
    Job* job = first_;
    if (job) first_ = job->next;
    if (!first_) last_ = nullptr;
    return job;
  }

  std::mutex mutex_;  // guards both
  Job* first_ = nullptr;
  Job* last_ = nullptr;
};

}  // namespace ditto::test
