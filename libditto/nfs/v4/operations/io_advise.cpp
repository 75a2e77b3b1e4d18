#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"
#include "nfs/v4/stateids.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 7862, 15.5. No hint is taken, which the empty set says. Also who may only write may give one.
Task<IO_ADVISE4res> io_advise(Compound& compound, const IO_ADVISE4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return IO_ADVISE4res{.status = NFS4ERR_ISDIR};
  const nfsstat4 status = judge(compound, args.iaa_stateid, Intent::Read);
  if (status != NFS4_OK && status != NFS4ERR_OPENMODE) co_return IO_ADVISE4res{.status = status};
  const auto attributes = co_await compound.entrance(*at.share).gate.getattr(at.node);
  if (!attributes) co_return IO_ADVISE4res{.status = compound.status_of(attributes.error())};
  switch (attributes->type) {
    case vfs::FileType::Regular: co_return IO_ADVISE4res{};
    case vfs::FileType::Directory: co_return IO_ADVISE4res{.status = NFS4ERR_ISDIR};
    case vfs::FileType::Symlink:
    case vfs::FileType::BlockDevice:
    case vfs::FileType::CharDevice:
    case vfs::FileType::Fifo:
    case vfs::FileType::Socket: break;
  }
  co_return IO_ADVISE4res{.status = NFS4ERR_WRONG_TYPE};
}

}  // namespace ditto::nfs4
