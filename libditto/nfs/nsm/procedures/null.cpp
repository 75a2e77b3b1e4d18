#include "nfs/nsm/procedures.hpp"

namespace ditto::nsm {

// XNFS, chapter 11: SM_NULL.
Task<void> null(Service&, rpc::Call&) { co_return; }

}  // namespace ditto::nsm
