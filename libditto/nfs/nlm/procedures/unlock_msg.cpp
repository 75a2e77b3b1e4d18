#include "nfs/nlm/async.hpp"
#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_UNLOCK_MSG.
Task<void> unlock_msg(Service& service, rpc::Call& call, const nlm4_unlockargs& args) {
  constexpr std::uint32_t unlock_res_procedure = 14;
  return run_message(service, call, args, unlock_res_procedure, &unlock);
}

}  // namespace ditto::nlm
