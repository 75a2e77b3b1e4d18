// The server's loops and its pool, turned by hand: a loop runs its jobs in the order in which they came, the pool in
// any. Which executor goes next is the world's choice, so that between two jobs anything may happen. One thread.
#pragma once

#include <cstddef>
#include <vector>

#include "base/executor.hpp"

namespace ditto::sim {

class Jobs final : public Executor {
 public:
  void post(Job& job) override { waiting_.push_back(&job); }
  bool empty() const noexcept { return waiting_.empty(); }
  std::size_t size() const noexcept { return waiting_.size(); }

  void run(std::size_t which = 0) {
    Job* job = waiting_[which];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(which));
    job->run(job);
  }

 private:
  std::vector<Job*> waiting_;
};

}  // namespace ditto::sim
