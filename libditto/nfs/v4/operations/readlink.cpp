#include "nfs/v4/handlers.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.24.
Task<READLINK4res> readlink(Compound& compound) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return READLINK4res{.status = compound.status_of(Error::NotSymlink)};
  const auto target = co_await compound.entrance(*at.share).gate.readlink(at.node);
  if (!target) co_return READLINK4res{.status = compound.status_of(target.error())};
  if (target->size() > linktext4::max_size) co_return READLINK4res{.status = NFS4ERR_IO};
  co_return READLINK4res{.resok4 = {linktext4::copy_of(*target)}};
}

}  // namespace ditto::nfs4
