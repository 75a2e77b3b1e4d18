#include "nfs/nlm/async.hpp"
#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_GRANTED_MSG.
Task<void> granted_msg(Service& service, rpc::Call& call, const nlm4_testargs& args) {
  constexpr std::uint32_t granted_res_procedure = 15;
  return run_message(service, call, args, granted_res_procedure, &granted);
}

}  // namespace ditto::nlm
