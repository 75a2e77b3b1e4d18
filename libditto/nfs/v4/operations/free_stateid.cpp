#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.38. An open is ended by CLOSE, and a delegation by DELEGRETURN, unless they were revoked.
FREE_STATEID4res free_stateid(Compound& compound, const FREE_STATEID4args& args) {
  Keeper& keeper = *compound.service.keeper;
  const state::StateId id = stateid_of(meant_by(compound, args.fsa_stateid));
  const auto client = keeper.bearer_of(compound, id);
  if (!client) return {client.error()};
  const auto held = keeper.find_holdings(id.client);
  if (!held) return {NFS4ERR_BAD_STATEID};
  const auto found = held->find_any(id, Keeper::zero_of(compound));
  if (!found) return {status_of(found.error(), compound.minor)};
  const auto* const lock = std::get_if<state::LockState>(&*found);
  const bool revoked = std::visit([](const auto& state) { return state.revoked; }, *found);
  if (!revoked && (!lock || keeper.holds_locks(*lock))) return {NFS4ERR_LOCKS_HELD};
  const state::Holdings::Gone gone = held->forget(id.number, keeper.now());
  keeper.count_off(**client, gone);
  // Otherwise a request is still at work on it.
  return {gone.states() > 0 ? NFS4_OK : NFS4ERR_DELAY};
}

}  // namespace ditto::nfs4
