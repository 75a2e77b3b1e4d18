// Calls of ours as a test makes them, and replies as a peer puts them on the wire. Plain functions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/task.hpp"
#include "rpc/calls.hpp"
#include "rpc/remote.hpp"

namespace ditto::test {

/// What became of a call; empty as long as it is under way. Copies share it: a call that ends only with its
/// connection, behind the test's own variables, still has where to put its end.
class Answered {
 public:
  explicit operator bool() const { return result_->has_value(); }
  const rpc::CallResult& value() const { return result_->value(); }
  const rpc::CallResult& operator*() const { return value(); }
  const rpc::CallResult* operator->() const { return &value(); }
  void set(rpc::CallResult result) { *result_ = std::move(result); }

 private:
  std::shared_ptr<std::optional<rpc::CallResult>> result_ = std::make_shared<std::optional<rpc::CallResult>>();
};

inline Detached run_call(rpc::Remote& remote, rpc::OutgoingCall call, Executor& loop, Answered answered) {
  answered.set(co_await remote.call(std::move(call), loop));
}

/// A call of the toy program.
template <class... ARGS>
rpc::OutgoingCall outgoing(std::uint32_t procedure, std::uint64_t deadline_ns, const ARGS&... arguments) {
  xdr::Writer writer;
  (writer(arguments), ...);
  return {.program = toy::program_number,
          .version = 2,
          .procedure = procedure,
          .arguments = writer.finish(),
          .deadline_ns = deadline_ns};
}

/// A reply without record mark.
template <class... RESULTS>
BufferChain reply_to(std::uint32_t xid, const RESULTS&... results) {
  xdr::Writer writer;
  writer(rpc::accepted_reply{.xid = xid});
  (writer(results), ...);
  return writer.finish();
}

inline bool failed_as(const Answered& answered, rpc::CallFailure failure) {
  return answered && !*answered && answered->error().failure == failure;
}

}  // namespace ditto::test
