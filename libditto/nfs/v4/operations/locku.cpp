#include "gate/held.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/held_state.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

LOCKU4res unlock(Compound& compound, const HeldState& held, const LOCKU4args& args) {
  const auto range = state::ByteRange::of_nfs(args.offset, args.length);
  if (!range) return {.status = NFS4ERR_INVAL};
  const auto lock = held.holdings().find_lock(held.id(), held.file(), held.zero());
  if (!lock) return {.status = held.status_of(lock.error())};
  const Place at = *compound.current.place;
  // That nothing was locked there is no error (RFC 8881, 18.12.4).
  const auto unlocked =
      gate::unlock_bytes(compound.entrance(*at.share).actor(), *at.share, at.node, lock->state.holder, *range);
  if (!unlocked) return {.status = held.status_of(unlocked.error())};
  const auto id = held.holdings().end_lock(lock->state.number);
  if (!id) return {.status = held.status_of(id.error())};
  compound.current.stateid = wire_of(*id);
  return {.resok4 = compound.current.stateid};
}

}  // namespace

// RFC 8881, 18.12.
LOCKU4res locku(Compound& compound, const LOCKU4args& args) {
  HeldState held(compound, args.lock_stateid);
  if (!held) return {.status = held.status()};
  InSequence<LOCKU4res> sequence;
  if (auto answered = held.begin(sequence, state::OwnerUse::Lock, args.seqid, args)) return *std::move(answered);
  return sequence.end(unlock(compound, held, args));
}

}  // namespace ditto::nfs4
