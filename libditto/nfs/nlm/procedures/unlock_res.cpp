#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_UNLOCK_RES. This server sends no NLM_UNLOCK_MSG that it would answer.
Task<void> unlock_res(Service&, rpc::Call&, const nlm4_res&) { co_return; }

}  // namespace ditto::nlm
