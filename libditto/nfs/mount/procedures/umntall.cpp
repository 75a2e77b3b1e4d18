#include "nfs/mount/procedures.hpp"

namespace ditto::mount {

// RFC 1813, appendix I, 5.2.4.
Task<void> umntall(Service& service, rpc::Call& call) {
  service.mounts.remove_all(call.peer.address);
  co_return;
}

}  // namespace ditto::mount
