#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_NULL.
Task<void> null(Service&, rpc::Call&) { co_return; }

}  // namespace ditto::nlm
