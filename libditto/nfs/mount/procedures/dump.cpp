#include "nfs/mount/address.hpp"
#include "nfs/mount/procedures.hpp"

namespace ditto::mount {

// RFC 1813, appendix I, 5.2.2. Who mounts what is nobody else's business: callers from elsewhere see an empty list.
Task<mountlist> dump(Service& service, rpc::Call& call) {
  mountlist result;
  if (!service.dump_to_everybody && !call.peer.is_loopback()) co_return result;
  xdr::ListBuilder<mountbody, list_bytes> mounts;
  for (const MountTable::Mount& mount : service.mounts.list()) {
    const std::string peer = to_text(mount.peer);
    if (!mounts.add({.ml_hostname = name::lend(peer), .ml_directory = dirpath::lend(mount.path)})) break;
  }
  result.mounts = mounts.finish();
  co_return result;
}

}  // namespace ditto::mount
