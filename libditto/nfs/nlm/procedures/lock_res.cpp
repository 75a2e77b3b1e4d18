#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_LOCK_RES. This server sends no NLM_LOCK_MSG that it would answer.
Task<void> lock_res(Service&, rpc::Call&, const nlm4_res&) { co_return; }

}  // namespace ditto::nlm
