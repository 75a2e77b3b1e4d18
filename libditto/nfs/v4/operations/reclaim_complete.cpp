#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.51.
RECLAIM_COMPLETE4res reclaim_complete(Compound& compound, const RECLAIM_COMPLETE4args& args) {
  if (args.rca_one_fs && !compound.current.place) return {NFS4ERR_NOFILEHANDLE};
  Keeper& keeper = *compound.service.keeper;
  state::ClientEffects effects;
  const auto done =
      keeper.clients().reclaim_complete(*compound.session()->client(), args.rca_one_fs, keeper.now(), effects);
  keeper.deliver(effects);
  return {done ? NFS4_OK : status_of(done.error(), compound.minor)};
}

}  // namespace ditto::nfs4
