#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/introduction.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

// RFC 7530, 16.34.
SETCLIENTID_CONFIRM4res setclientid_confirm(Compound& compound, const SETCLIENTID_CONFIRM4args& args) {
  Keeper& keeper = *compound.service.keeper;
  state::ClientEffects effects;
  const auto confirmed = keeper.clients().setclientid_confirm(args.clientid, number_of(args.setclientid_confirm),
                                                              principal_of(compound.call), keeper.now(), effects);
  keeper.deliver(effects);
  if (confirmed && keeper.callbacks()) keeper.callbacks()->confirmed(args.clientid);
  return {confirmed ? nfsstat4::NFS4_OK : status_of(confirmed.error(), compound.minor)};
}

}  // namespace ditto::nfs4
