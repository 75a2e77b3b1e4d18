#include "nfs/common/alike.hpp"
#include "nfs/v4/change_info.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/names.hpp"
#include "nfs/v4/xattrs.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;
using nfs::alike;

static_assert(alike(setxattr_option4::SETXATTR4_EITHER, vfs::XattrMode::Either) &&
              alike(setxattr_option4::SETXATTR4_CREATE, vfs::XattrMode::Create) &&
              alike(setxattr_option4::SETXATTR4_REPLACE, vfs::XattrMode::Replace));

// RFC 8276, 8.4.2.
Task<SETXATTR4res> setxattr(Compound& compound, const SETXATTR4args& args) {
  const Place at = *compound.current.place;
  if (const nfsstat4 name = check_xattr_name(args.sxa_key); name != NFS4_OK) co_return SETXATTR4res{.status = name};
  if (at.is_pseudo_root()) co_return SETXATTR4res{.status = NFS4ERR_ROFS};
  const auto change = co_await compound.entrance(*at.share).gate.setxattr(at.node, args.sxa_key, args.sxa_value.bytes(),
                                                                          static_cast<vfs::XattrMode>(args.sxa_option));
  if (!change) co_return SETXATTR4res{.status = xattr_status_of(compound, change.error())};
  co_return SETXATTR4res{.resok4 = {change_info_of(*change)}};
}

}  // namespace ditto::nfs4
