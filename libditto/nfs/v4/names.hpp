// What may stand for one component of a path in a request (RFC 7530, 12; RFC 8881, 14), and for the text of a symbolic
// link. Version 3 takes any bytes, version 4 only UTF-8. Pure functions, any thread.
#pragma once

#include <string_view>

#include "nfs/v4/nfsstat4.hpp"

namespace ditto::nfs4 {

/// INVAL: empty, or no UTF-8; BADNAME: "." and ".."; BADCHAR: with '/' or NUL; NAMETOOLONG.
nfsstat4 check_name(std::string_view name) noexcept;

/// The name of an extended attribute (RFC 8276). INVAL: empty, or no UTF-8; BADCHAR: with NUL; NAMETOOLONG.
nfsstat4 check_xattr_name(std::string_view name) noexcept;

/// INVAL: empty, no UTF-8, or with NUL; NAMETOOLONG.
nfsstat4 check_linktext(std::string_view text) noexcept;

}  // namespace ditto::nfs4
