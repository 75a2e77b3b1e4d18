#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/link.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.37. The COMPOUND may be in the session that it destroys, at its end.
DESTROY_SESSION4res destroy_session(Compound& compound, const DESTROY_SESSION4args& args) {
  Keeper& keeper = *compound.service.keeper;
  state::SessionId id;
  std::ranges::copy(args.dsa_sessionid, id.bytes.begin());
  const auto destroyed = keeper.clients().destroy_session(id, keeper.bind_link(compound).id);
  return {destroyed ? NFS4_OK : status_of(destroyed.error(), compound.minor)};
}

}  // namespace ditto::nfs4
