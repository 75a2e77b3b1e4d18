#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 7530, 16.37.
RELEASE_LOCKOWNER4res release_lockowner(Compound& compound, const RELEASE_LOCKOWNER4args& args) {
  Keeper& keeper = *compound.service.keeper;
  const auto client = keeper.client_of(compound, args.lock_owner.clientid);
  if (!client) return {client.error()};
  const std::string_view owner = text_of(args.lock_owner.owner.bytes());
  if (const auto held = keeper.find_holdings((*client)->id)) {
    const auto states = held->of_lock_owner(owner);
    for (const state::LockState& state : states) {
      if (!state.revoked && keeper.holds_locks(state)) return {NFS4ERR_LOCKS_HELD};
    }
    keeper.count_off(**client, held->release_lock_owner(owner, keeper.now()));
  }
  const auto released = (*client)->owners.release_lock_owner(owner);
  return {released ? NFS4_OK : status_of(released.error(), compound.minor)};
}

}  // namespace ditto::nfs4
