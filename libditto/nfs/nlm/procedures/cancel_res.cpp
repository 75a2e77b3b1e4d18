#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_CANCEL_RES. This server sends no NLM_CANCEL_MSG that it would answer.
Task<void> cancel_res(Service&, rpc::Call&, const nlm4_res&) { co_return; }

}  // namespace ditto::nlm
