#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 7862, 15.4. Behind the end of the file there is nothing to take away.
Task<DEALLOCATE4res> deallocate(Compound& compound, const DEALLOCATE4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return DEALLOCATE4res{.status = NFS4ERR_WRONG_TYPE};
  if (const nfsstat4 status = judge(compound, args.da_stateid, Intent::Write); status != NFS4_OK) {
    co_return DEALLOCATE4res{.status = status};
  }
  nfs::Entrance& entrance = compound.entrance(*at.share);
  const auto change = co_await entrance.gate.deallocate(at.node, args.da_offset, args.da_length);
  if (!change) co_return DEALLOCATE4res{.status = co_await room_failure(compound, at, change.error())};
  co_return DEALLOCATE4res{};
}

}  // namespace ditto::nfs4
