#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 7862, 15.1. What cannot be promised is NFS4ERR_NOSPC, or NFS4ERR_NOTSUPP where nothing can.
Task<ALLOCATE4res> allocate(Compound& compound, const ALLOCATE4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return ALLOCATE4res{.status = NFS4ERR_WRONG_TYPE};
  if (const nfsstat4 status = judge(compound, args.aa_stateid, Intent::Write); status != NFS4_OK) {
    co_return ALLOCATE4res{.status = status};
  }
  nfs::Entrance& entrance = compound.entrance(*at.share);
  const auto change = co_await entrance.gate.allocate(at.node, args.aa_offset, args.aa_length);
  if (!change) co_return ALLOCATE4res{.status = co_await room_failure(compound, at, change.error())};
  co_return ALLOCATE4res{};
}

}  // namespace ditto::nfs4
