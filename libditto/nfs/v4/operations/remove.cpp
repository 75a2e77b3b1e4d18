#include "nfs/v4/change_info.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/names.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.25: of files and of directories.
Task<REMOVE4res> remove(Compound& compound, const REMOVE4args& args) {
  const Place at = *compound.current.place;
  if (const nfsstat4 name = check_name(args.target); name != NFS4_OK) co_return REMOVE4res{.status = name};
  if (at.is_pseudo_root()) co_return REMOVE4res{.status = NFS4ERR_ROFS};
  const auto removed = co_await compound.entrance(*at.share).gate.remove(at.node, args.target, vfs::RemoveKind::Any);
  if (removed) co_return REMOVE4res{.resok4 = {change_info_of(removed->directory)}};
  // A sticky directory forbids it; there is no PERM here.
  const Error error = removed.error() == Error::NotPermitted ? Error::AccessDenied : removed.error();
  co_return REMOVE4res{.status = compound.status_of(error)};
}

}  // namespace ditto::nfs4
