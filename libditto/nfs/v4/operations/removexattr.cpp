#include "nfs/v4/change_info.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/names.hpp"
#include "nfs/v4/xattrs.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8276, 8.4.4.
Task<REMOVEXATTR4res> removexattr(Compound& compound, const REMOVEXATTR4args& args) {
  const Place at = *compound.current.place;
  if (const nfsstat4 name = check_xattr_name(args.rxa_name); name != NFS4_OK) {
    co_return REMOVEXATTR4res{.status = name};
  }
  if (at.is_pseudo_root()) co_return REMOVEXATTR4res{.status = NFS4ERR_ROFS};
  const auto change = co_await compound.entrance(*at.share).gate.removexattr(at.node, args.rxa_name);
  if (!change) co_return REMOVEXATTR4res{.status = xattr_status_of(compound, change.error())};
  co_return REMOVEXATTR4res{.resok4 = {change_info_of(*change)}};
}

}  // namespace ditto::nfs4
