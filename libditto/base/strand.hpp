// Jobs one after the other, in their order, on an executor that has several threads: a home for a coroutine that
// belongs to no loop, where nothing of it runs before what suspended it has returned. Each job is one of the
// executor's, behind whatever else waits there. It stays until its last job has returned, whoever has let go of it
// meanwhile. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "base/executor.hpp"

namespace ditto {

class Strand final : public Executor, public std::enable_shared_from_this<Strand> {
 public:
  static std::shared_ptr<Strand> on(Executor& threads) { return std::shared_ptr<Strand>(new Strand(threads)); }
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  void post(Job& job) override {
    const auto kept = shared_from_this();  // the job may let go of it before this returns
    const std::lock_guard lock(mutex_);
    job.next = nullptr;
    (last_ ? last_->next : first_) = &job;
    last_ = &job;
    if (std::exchange(busy_, true)) return;
    threads_.post(turn_);
  }

 private:
  explicit Strand(Executor& threads) noexcept : threads_(threads) {
    turn_.strand = this;
    turn_.run = [](Job* self) { static_cast<Turn*>(self)->strand->run_one(); };
  }

  void run_one() {
    const auto kept = shared_from_this();
    Job* job = nullptr;
    {
      const std::lock_guard lock(mutex_);
      job = std::exchange(first_, first_->next);
      if (!first_) last_ = nullptr;
    }
    job->run(job);
    const std::lock_guard lock(mutex_);
    busy_ = first_ != nullptr;
    if (busy_) threads_.post(turn_);
  }

  struct Turn : Job {
    Strand* strand = nullptr;
  };

  Executor& threads_;
  std::mutex mutex_;  // guards the rest; a leaf but for posting
  Turn turn_;         // is posted while there are jobs
  Job* first_ = nullptr;
  Job* last_ = nullptr;
  bool busy_ = false;
};

}  // namespace ditto
