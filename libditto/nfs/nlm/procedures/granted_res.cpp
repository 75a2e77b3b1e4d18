#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_GRANTED_RES. This server sends no NLM_GRANTED_MSG that it would answer.
Task<void> granted_res(Service&, rpc::Call&, const nlm4_res&) { co_return; }

}  // namespace ditto::nlm
