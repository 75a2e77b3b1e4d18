#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

// RFC 7530, 16.28. CB_PATH_DOWN renews as well.
RENEW4res renew(Compound& compound, const RENEW4args& args) {
  Keeper& keeper = *compound.service.keeper;
  const auto client = keeper.client_of(compound, args.clientid);
  if (!client) return {client.error()};
  const bool missed = keeper.callbacks() && keeper.callbacks()->path_is_missed(**client);
  return {missed ? nfsstat4::NFS4ERR_CB_PATH_DOWN : nfsstat4::NFS4_OK};
}

}  // namespace ditto::nfs4
