#include "gate/held.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/held_state.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

OPEN_DOWNGRADE4res downgrade(Compound& compound, const HeldState& held, const OPEN_DOWNGRADE4args& args) {
  // RFC 8881, 18.18.3: version 1's wants may be there, and mean nothing.
  const std::uint32_t wants = compound.minor == 0 ? 0 : OPEN4_SHARE_ACCESS_WANT_DELEG_MASK;
  const std::uint32_t access = args.share_access & ~wants;
  const bool valid = access >= OPEN4_SHARE_ACCESS_READ && access <= OPEN4_SHARE_ACCESS_BOTH &&
                     args.share_deny <= OPEN4_SHARE_DENY_BOTH;
  if (!valid) return {.status = NFS4ERR_INVAL};
  const state::ShareMode less{state::Share(access), state::Share(args.share_deny)};
  const auto open = held.holdings().begin_change(held.id(), held.file(), held.zero());
  if (!open) return {.status = held.status_of(open.error())};
  const Place at = *compound.current.place;
  state::Answer<void> done = state::refuse(state::Refusal::NotOpenedAs);
  if (state::Holdings::was_opened_as(*open, less)) {
    done = gate::downgrade_open(*at.share, at.node, open->open, less);
  }
  if (!done) {
    held.holdings().abandon_open(open->number);
    return {.status = held.status_of(done.error())};
  }
  const stateid4 now = wire_of(held.holdings().end_downgrade(open->number, less));
  compound.current.stateid = now;
  return {.resok4 = {now}};
}

}  // namespace

// RFC 8881, 18.18.
OPEN_DOWNGRADE4res open_downgrade(Compound& compound, const OPEN_DOWNGRADE4args& args) {
  HeldState held(compound, args.open_stateid);
  if (!held) return {.status = held.status()};
  InSequence<OPEN_DOWNGRADE4res> sequence;
  if (auto answered = held.begin(sequence, state::OwnerUse::Other, args.seqid, args)) return *std::move(answered);
  return sequence.end(downgrade(compound, held, args));
}

}  // namespace ditto::nfs4
