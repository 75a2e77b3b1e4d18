#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.50.
DESTROY_CLIENTID4res destroy_clientid(Compound& compound, const DESTROY_CLIENTID4args& args) {
  Keeper& keeper = *compound.service.keeper;
  const state::Session* session = compound.session();
  state::ClientEffects effects;
  const auto destroyed = keeper.clients().destroy_clientid(
      args.dca_clientid, session ? session->client()->id : state::nobody, keeper.now(), effects);
  keeper.deliver(effects);
  return {destroyed ? nfsstat4::NFS4_OK : status_of(destroyed.error(), compound.minor)};
}

}  // namespace ditto::nfs4
