#include <algorithm>

#include "nfs/v4/handlers.hpp"
#include "nfs/v4/xattrs.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// Bytes of the result beside its names: cookie, how many names, eof.
constexpr std::size_t frame_bytes = sizeof(nfs_cookie4) + 4 + 4;

}  // namespace

// RFC 8276, 8.4.3. The cookie counts the names that were given; they are in order, so that one that comes or goes
// meanwhile moves no more than those behind it.
Task<LISTXATTRS4res> listxattrs(Compound& compound, const LISTXATTRS4args& args) {
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return LISTXATTRS4res{.status = NFS4ERR_NOTSUPP};
  const std::size_t there = compound.room > 4 ? compound.room - 4 : 0;
  const std::size_t budget = std::min<std::size_t>(args.lxa_maxcount, there);
  const nfsstat4 too_small = args.lxa_maxcount <= there ? NFS4ERR_TOOSMALL : compound.beyond();
  if (budget < frame_bytes) co_return LISTXATTRS4res{.status = too_small};
  const auto names = co_await compound.entrance(*at.share).gate.listxattr(at.node);
  if (!names) co_return LISTXATTRS4res{.status = xattr_status_of(compound, names.error())};
  if (args.lxa_cookie > names->size()) co_return LISTXATTRS4res{.status = NFS4ERR_BAD_COOKIE};

  LISTXATTRS4res result;
  LISTXATTRS4resok& ok = result.resok4;
  std::size_t bytes = frame_bytes;
  std::size_t next = args.lxa_cookie;
  for (; next < names->size() && ok.lxr_names.size() < max_xattr_names; ++next) {
    const std::string& name = (*names)[next];
    bytes += 4 + name.size() + xdr::padding_of(name.size());
    if (bytes > budget) break;
    ok.lxr_names.push_back(xattrkey4::copy_of(name));
  }
  ok.lxr_cookie = next;
  ok.lxr_eof = next == names->size();
  if (ok.lxr_names.empty() && !ok.lxr_eof) co_return LISTXATTRS4res{.status = too_small};
  co_return result;
}

}  // namespace ditto::nfs4
