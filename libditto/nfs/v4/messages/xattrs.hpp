// The operations on extended attributes: GETXATTR, SETXATTR, LISTXATTRS, REMOVEXATTR (RFC 8276, 8.4). Their names come
// without the "user." that clients know them by. Names and values lend the memory of the request that they were read
// from. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

/// Values that are decoded at all: one that is only somewhat too large still gets NFS4ERR_XATTR2BIG.
inline constexpr std::size_t xattr_value_bytes = std::size_t{128} << 10;
/// Names in one answer; the RFC sets no limit.
inline constexpr std::size_t max_xattr_names = 4096;

using xattrkey4 = component4;
using xattrvalue4 = xdr::opaque<xattr_value_bytes>;

// RFC 8276, 8.4.1.
struct GETXATTR4args {
  xattrkey4 gxa_name;
  static constexpr void visit(auto& ar, auto& m) { ar(m.gxa_name); }
};
struct GETXATTR4resok {
  xattrvalue4 gxr_value;
  static constexpr void visit(auto& ar, auto& m) { ar(m.gxr_value); }
};
using GETXATTR4res = result4<GETXATTR4resok>;

// RFC 8276, 8.4.2.
enum class setxattr_option4 : std::uint32_t { SETXATTR4_EITHER = 0, SETXATTR4_CREATE = 1, SETXATTR4_REPLACE = 2 };
constexpr auto xdr_values(setxattr_option4) {
  using enum setxattr_option4;
  return std::array{SETXATTR4_EITHER, SETXATTR4_CREATE, SETXATTR4_REPLACE};
}
struct SETXATTR4args {
  setxattr_option4 sxa_option{};
  xattrkey4 sxa_key;
  xattrvalue4 sxa_value;
  static constexpr void visit(auto& ar, auto& m) { ar(m.sxa_option, m.sxa_key, m.sxa_value); }
};
struct SETXATTR4resok {
  change_info4 sxr_info;
  static constexpr void visit(auto& ar, auto& m) { ar(m.sxr_info); }
};
using SETXATTR4res = result4<SETXATTR4resok>;

// RFC 8276, 8.4.3.
struct LISTXATTRS4args {
  nfs_cookie4 lxa_cookie = 0;
  count4 lxa_maxcount = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.lxa_cookie, m.lxa_maxcount); }
};
struct LISTXATTRS4resok {
  nfs_cookie4 lxr_cookie = 0;
  xdr::array<xattrkey4, max_xattr_names> lxr_names;
  bool lxr_eof = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.lxr_cookie, m.lxr_names, m.lxr_eof); }
};
using LISTXATTRS4res = result4<LISTXATTRS4resok>;

// RFC 8276, 8.4.4.
struct REMOVEXATTR4args {
  xattrkey4 rxa_name;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rxa_name); }
};
struct REMOVEXATTR4resok {
  change_info4 rxr_info;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rxr_info); }
};
using REMOVEXATTR4res = result4<REMOVEXATTR4resok>;

}  // namespace ditto::nfs4
