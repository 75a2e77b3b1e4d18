#include "nfs/v4/names.hpp"

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "nfs/common/names.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

nfsstat4 check_name(std::string_view name) noexcept {
  using namespace std::string_view_literals;
  if (name.empty() || !is_utf8(name)) return NFS4ERR_INVAL;
  if (nfs::is_dot(name) || nfs::is_dot_dot(name)) return NFS4ERR_BADNAME;
  if (name.find_first_of("/\0"sv) != name.npos) return NFS4ERR_BADCHAR;
  if (name.size() > limits::name_bytes) return NFS4ERR_NAMETOOLONG;
  return NFS4_OK;
}

nfsstat4 check_xattr_name(std::string_view name) noexcept {
  if (name.empty() || !is_utf8(name)) return NFS4ERR_INVAL;
  if (name.contains('\0')) return NFS4ERR_BADCHAR;
  return name.size() > limits::name_bytes ? NFS4ERR_NAMETOOLONG : NFS4_OK;
}

nfsstat4 check_linktext(std::string_view text) noexcept {
  if (text.empty() || !is_utf8(text) || text.contains('\0')) return NFS4ERR_INVAL;
  if (text.size() > limits::symlink_bytes) return NFS4ERR_NAMETOOLONG;
  return NFS4_OK;
}

}  // namespace ditto::nfs4
