#include "nfs/v4/handlers.hpp"
#include "nfs/v4/held_state.hpp"

namespace ditto::nfs4 {

// RFC 7530, 16.18.
OPEN_CONFIRM4res open_confirm(Compound& compound, const OPEN_CONFIRM4args& args) {
  HeldState held(compound, args.open_stateid);
  if (!held) return {.status = held.status()};
  InSequence<OPEN_CONFIRM4res> sequence;
  if (auto answered = held.begin(sequence, state::OwnerUse::Confirm, args.seqid, args)) return *std::move(answered);

  if (sequence.owner()->confirmed()) return sequence.end({.status = nfsstat4::NFS4ERR_BAD_STATEID});
  const auto open = held.holdings().begin_change(held.id(), held.file(), held.zero());
  if (!open) return sequence.end({.status = held.status_of(open.error())});
  return sequence.end({.resok4 = {wire_of(held.holdings().end_change(open->number))}}, true);
}

}  // namespace ditto::nfs4
