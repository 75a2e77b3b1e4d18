#include "nfs/v4/handlers.hpp"
#include "nfs/v4/names.hpp"
#include "nfs/v4/xattrs.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8276, 8.4.1.
Task<GETXATTR4res> getxattr(Compound& compound, const GETXATTR4args& args) {
  const Place at = *compound.current.place;
  if (const nfsstat4 name = check_xattr_name(args.gxa_name); name != NFS4_OK) co_return GETXATTR4res{.status = name};
  if (at.is_pseudo_root()) co_return GETXATTR4res{.status = NFS4ERR_NOTSUPP};
  if (!co_await compound.memory_for(xattr_value_bytes)) co_return GETXATTR4res{.status = NFS4ERR_DELAY};
  const auto value = co_await compound.entrance(*at.share).gate.getxattr(at.node, args.gxa_name);
  if (!value) co_return GETXATTR4res{.status = xattr_status_of(compound, value.error())};
  if (value->size() > xattr_value_bytes) co_return GETXATTR4res{.status = NFS4ERR_XATTR2BIG};
  co_return GETXATTR4res{.resok4 = {xattrvalue4::copy_of(bytes_of(*value))}};
}

}  // namespace ditto::nfs4
