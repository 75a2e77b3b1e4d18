#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 7862, 15.11. At the end of the file there is a hole, and sr_eof says that it is that one, or that no data was
// found. From there on there is nothing to be found, as lseek() has it.
Task<SEEK4res> seek(Compound& compound, const SEEK4args& args) {
  using enum data_content4;
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return SEEK4res{.status = NFS4ERR_ISDIR};
  const bool data = args.sa_what == NFS4_CONTENT_DATA;
  if (!data && args.sa_what != NFS4_CONTENT_HOLE) co_return SEEK4res{.status = NFS4ERR_UNION_NOTSUPP};
  if (const nfsstat4 status = judge(compound, args.sa_stateid, Intent::Read); status != NFS4_OK) {
    co_return SEEK4res{.status = status};
  }
  nfs::Entrance& entrance = compound.entrance(*at.share);
  const auto what = data ? vfs::Content::Data : vfs::Content::Hole;
  const auto found = co_await entrance.gate.seek(at.node, args.sa_offset, what);
  if (!found) co_return SEEK4res{.status = co_await contents_failure(compound, at, found.error())};
  if (args.sa_offset >= found->size) co_return SEEK4res{.status = NFS4ERR_NXIO};
  co_return SEEK4res{.resok4 = {.sr_eof = found->at_end, .sr_offset = found->offset}};
}

}  // namespace ditto::nfs4
