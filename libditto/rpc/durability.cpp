#include "rpc/durability.hpp"

namespace ditto::rpc {

// Asks for the tokens that are left, one after the other. False: the last one asked for is not decided yet.
bool UntilDurable::ask_on() {
  const auto tokens = tokens_.tokens();
  while (next_ < tokens.size() && outcome_) {
    const CommitTokens::Token& token = tokens[next_++];
    state_.store(State::Asked, std::memory_order_relaxed);
    lsn = token.lsn;
    done = &UntilDurable::told;
    token.source->when_durable(*this);
    if (state_.load(std::memory_order_acquire) != State::Told) return false;
  }
  return true;
}

// True: suspended, and a job will come; from then on the awaiter may run on, on another thread too. False: all is
// decided.
bool UntilDurable::wait() {
  for (;;) {
    State asked = State::Asked;
    if (state_.compare_exchange_strong(asked, State::Suspended, std::memory_order_acq_rel)) return true;
    if (ask_on()) return false;
  }
}

bool UntilDurable::await_suspend(std::coroutine_handle<> awaiter) {
  awaiter_ = awaiter;
  run = &UntilDurable::resume;
  return wait();
}

void UntilDurable::told(DurableWait* self, Result<void> outcome) {
  auto& mine = *static_cast<UntilDurable*>(self);
  Executor& loop = mine.loop_;
  mine.outcome_ = outcome;
  // When it was not suspended yet, the loop's thread goes on as soon as it sees the state, and `mine` may be gone.
  if (mine.state_.exchange(State::Told, std::memory_order_acq_rel) == State::Suspended) loop.post(mine);
}

void UntilDurable::resume(Job* self) {
  auto& mine = *static_cast<UntilDurable*>(self);
  if (mine.ask_on() || !mine.wait()) mine.awaiter_.resume();
}

}  // namespace ditto::rpc
