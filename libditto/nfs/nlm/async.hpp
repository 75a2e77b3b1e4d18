// The message forms of the procedures (XNFS, chapter 10): NLM_x_MSG does what NLM_x does, answers nothing, and has the
// result delivered by a call of NLM_x_RES to the caller's own lock manager.
#pragma once

#include "base/task.hpp"
#include "nfs/nlm/versions.hpp"
#include "rpc/durability.hpp"

namespace ditto::nlm {

/// Calls `procedure` of the lock manager where `call` came from; once, since whoever wants to be sure asks again.
void answer_by_call(Service& service, const rpc::Call& call, std::uint32_t procedure, BufferChain result);

template <class Res, class Args>
Task<void> run_message(Service& service, rpc::Call& call, const Args& args, std::uint32_t result_procedure,
                       Task<Res> (*handler)(Service&, rpc::Call&, const Args&)) {
  const Res result = co_await handler(service, call, args);
  const Result<void> durable = co_await rpc::until_durable(call);
  if (durable) answer_by_call(service, call, result_procedure, encode_for(call.version, result));
}

}  // namespace ditto::nlm
