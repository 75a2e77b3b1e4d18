// The way onto a loop for those who may come too late: jobs are posted to it until it is closed, and the loop may end
// afterwards. Shared by whatever lives on the loop and those who want something of it. Any thread.
#pragma once

#include <atomic>
#include <coroutine>
#include <mutex>

#include "base/executor.hpp"

namespace ditto {

class LoopAccess {
 public:
  explicit LoopAccess(Executor& loop) noexcept : loop_(loop) {}
  LoopAccess(const LoopAccess&) = delete;
  LoopAccess& operator=(const LoopAccess&) = delete;

  /// Nothing is posted once it has returned.
  void close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_.store(true);
  }
  bool is_closed() const noexcept { return closed_.load(); }

  /// False: it is closed, and the job was not posted.
  bool post(Job& job) {
    const std::lock_guard lock(mutex_);
    if (closed_.load()) return false;
    loop_.post(job);
    return true;
  }

  /// `co_await access.enter(from)`: on the loop, where `from`, a loop, was before; false: still there, as it is closed.
  auto enter(Executor& from) noexcept { return Entrance(*this, from); }

 private:
  class Entrance : Job {
   public:
    Entrance(LoopAccess& access, Executor& from) noexcept : access_(access), from_(from) {}
    bool await_ready() const noexcept { return &from_ == &access_.loop_; }
    bool await_suspend(std::coroutine_handle<> awaiter) {
      awaiter_ = awaiter;
      run = [](Job* self) { static_cast<Entrance*>(self)->awaiter_.resume(); };
      entered_ = true;  // first: once it is posted the coroutine goes on elsewhere
      if (access_.post(*this)) return true;
      entered_ = false;
      return false;
    }
    bool await_resume() const noexcept { return entered_ || await_ready(); }

   private:
    LoopAccess& access_;
    Executor& from_;
    std::coroutine_handle<> awaiter_;
    bool entered_ = false;
  };

  Executor& loop_;
  std::atomic<bool> closed_ = false;  // changes under the mutex
  std::mutex mutex_;                  // a leaf but for posting to the loop
};

}  // namespace ditto
