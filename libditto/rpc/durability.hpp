// `co_await until_durable(call)`: the rest of the handler's caller runs once everything that the call's answer rests on
// is durable, on the call's loop. When it is durable already nothing is suspended. The outcome is an error when some of
// it was taken back: then the answer is not true any more and must not be given. Lives in the awaiting coroutine's
// frame.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>

#include "base/durable.hpp"
#include "base/executor.hpp"
#include "base/result.hpp"
#include "rpc/call.hpp"

namespace ditto::rpc {

class [[nodiscard]] UntilDurable : DurableWait, Job {
 public:
  UntilDurable(const CommitTokens& tokens, Executor& loop) noexcept : tokens_(tokens), loop_(loop) {}
  UntilDurable(const UntilDurable&) = delete;
  UntilDurable& operator=(const UntilDurable&) = delete;

  bool await_ready() { return ask_on(); }
  bool await_suspend(std::coroutine_handle<> awaiter);
  Result<void> await_resume() const noexcept { return outcome_; }

 private:
  enum class State : std::uint8_t { Asked, Suspended, Told };

  bool ask_on();
  bool wait();
  static void told(DurableWait* self, Result<void> outcome);
  static void resume(Job* self);

  const CommitTokens& tokens_;
  Executor& loop_;
  std::coroutine_handle<> awaiter_;
  std::size_t next_ = 0;  // of tokens_, the first that has not been asked for
  Result<void> outcome_;  // written by the source's thread before state_ becomes Told
  // Between the loop, which suspends, and the source's thread, which tells: whoever comes second resumes.
  std::atomic<State> state_ = State::Asked;
};

inline UntilDurable until_durable(const Call& call) noexcept { return UntilDurable(call.rests_on, call.loop); }

}  // namespace ditto::rpc
