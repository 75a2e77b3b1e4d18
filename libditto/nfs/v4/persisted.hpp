// Waiting until a change of the clients' records is durable, or could not be made, in a coroutine that resumes on an
// executor of its own. For the keeper's own files.
#pragma once

#include <coroutine>
#include <mutex>

#include "base/executor.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

class Keeper::Persisted : Job {
 public:
  Persisted(Keeper& keeper, Executor& home, state::PersistToken token) noexcept
      : keeper_(keeper), home_(home), token_(token) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    run = [](Job* self) { static_cast<Persisted*>(self)->awaiter_.resume(); };
    const std::lock_guard lock(keeper_.mutex_);
    if (!keeper_.unfinished_.contains(token_)) return false;
    keeper_.waiting_.emplace(token_, this);
    return true;
  }
  void await_resume() const noexcept {}
  void resume() { home_.post(*this); }

 private:
  Keeper& keeper_;
  Executor& home_;
  const state::PersistToken token_;
  std::coroutine_handle<> awaiter_;
};

}  // namespace ditto::nfs4
