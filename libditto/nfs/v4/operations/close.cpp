#include "gate/held.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/held_state.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// What the client has locked by the open goes with it, as everywhere but in the letter of RFC 8881, 18.2.3, which
/// leaves the choice.
CLOSE4res close_held(Compound& compound, const HeldState& held) {
  const auto open = held.holdings().begin_change(held.id(), held.file(), held.zero());
  if (!open) return {.status = held.status_of(open.error())};
  const Place at = *compound.current.place;
  const state::Moment now = compound.service.keeper->now();
  const state::Holdings::Closed closed = held.holdings().close(open->number, now);
  gate::Actor& actor = compound.entrance(*at.share).actor();
  for (const state::LockState& lock : closed.locks) {
    gate::unlock_owner(actor, *at.share, at.node, lock.holder);
  }
  gate::close_open(*at.share, at.node, open->open);
  compound.service.keeper->count_off(held.client(), closed.gone);
  // A stateid that nobody takes: RFC 8881, 18.2.4. Version 0 gets the next one.
  if (compound.minor > 0) return {.resok4 = {.seqid = NFS4_UINT32_MAX}};
  state::StateId id = held.id();
  id.sequence = state::next_sequence(open->sequence);
  return {.resok4 = wire_of(id)};
}

}  // namespace

// RFC 8881, 18.2.
CLOSE4res close(Compound& compound, const CLOSE4args& args) {
  HeldState held(compound, args.open_stateid);
  if (!held) return {.status = held.status()};
  InSequence<CLOSE4res> sequence;
  if (auto answered = held.begin(sequence, state::OwnerUse::Other, args.seqid, args)) return *std::move(answered);
  return sequence.end(close_held(compound, held));
}

}  // namespace ditto::nfs4
