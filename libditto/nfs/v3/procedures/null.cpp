#include "nfs/v3/procedures.hpp"

namespace ditto::nfs3 {

// RFC 1813, 3.3.0.
Task<void> null(Service&, rpc::Call&) { co_return; }

}  // namespace ditto::nfs3
