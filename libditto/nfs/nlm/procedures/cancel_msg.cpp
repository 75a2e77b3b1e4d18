#include "nfs/nlm/async.hpp"
#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_CANCEL_MSG.
Task<void> cancel_msg(Service& service, rpc::Call& call, const nlm4_cancargs& args) {
  constexpr std::uint32_t cancel_res_procedure = 13;
  return run_message(service, call, args, cancel_res_procedure, &cancel);
}

}  // namespace ditto::nlm
