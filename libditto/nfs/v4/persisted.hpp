// Waiting until a change of the clients' records is durable, or could not be made, in a coroutine that resumes on an
// executor of its own. For the keeper's own files.
#pragma once

#include <coroutine>

#include "base/executor.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

class Keeper::Persisted : gate::TicketWait {
 public:
  Persisted(Keeper& keeper, Executor& loop, state::PersistToken token) noexcept : keeper_(keeper), token_(token) {
    home = &loop;
    run = [](Job* self) { static_cast<Persisted*>(self)->awaiter_.resume(); };
  }
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    return keeper_.await(token_, *this);
  }
  void await_resume() const noexcept {}

 private:
  Keeper& keeper_;
  const state::PersistToken token_;
  std::coroutine_handle<> awaiter_;
};

}  // namespace ditto::nfs4
