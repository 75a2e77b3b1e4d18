#include "nfs/mount/path.hpp"
#include "nfs/mount/procedures.hpp"

namespace ditto::mount {

// RFC 1813, appendix I, 5.2.3.
Task<void> umnt(Service& service, rpc::Call& call, const UMNTargs& args) {
  service.mounts.remove(call.peer.address, canonical(args.path));
  co_return;
}

}  // namespace ditto::mount
