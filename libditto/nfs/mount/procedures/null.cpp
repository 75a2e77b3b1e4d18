#include "nfs/mount/procedures.hpp"

namespace ditto::mount {

// RFC 1813, appendix I, 5.2.0.
Task<void> null(Service&, rpc::Call&) { co_return; }

}  // namespace ditto::mount
