#include "gate/operation.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 7862, 15.9.
OFFLOAD_STATUS4res offload_status(Compound& compound, const OFFLOAD_STATUS4args& args) {
  const Callbacks* const callbacks = compound.service.keeper->callbacks();
  const Place& at = *compound.current.place;
  const state::StateId id = stateid_of(args.oca_stateid);
  if (!callbacks || at.is_pseudo_root() || compound.session()->client()->id != id.client) {
    return {.status = NFS4ERR_BAD_STATEID};
  }
  return callbacks->offloads().status(id, gate::file_key(at.share->file_system(), at.node));
}

}  // namespace ditto::nfs4
