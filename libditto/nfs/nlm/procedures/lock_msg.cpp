#include "nfs/nlm/async.hpp"
#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_LOCK_MSG.
Task<void> lock_msg(Service& service, rpc::Call& call, const nlm4_lockargs& args) {
  constexpr std::uint32_t lock_res_procedure = 12;
  return run_message(service, call, args, lock_res_procedure, &lock);
}

}  // namespace ditto::nlm
