// The operations that set or give the current filehandle, without naming anything in it: PUTFH, PUTPUBFH, PUTROOTFH,
// GETFH, SAVEFH, RESTOREFH, OPENATTR (RFC 7530, 16; RFC 8881, 18). Those without a struct for their arguments have
// none. Plain values.
#pragma once

#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.19.
struct PUTFH4args {
  nfs_fh4 object;
  static constexpr void visit(auto& ar, auto& m) { ar(m.object); }
};
using PUTFH4res = status4res;

// RFC 8881, 18.20 and 18.21.
using PUTPUBFH4res = status4res;
using PUTROOTFH4res = status4res;

// RFC 8881, 18.8.
struct GETFH4resok {
  nfs_fh4 object;
  static constexpr void visit(auto& ar, auto& m) { ar(m.object); }
};
using GETFH4res = result4<GETFH4resok>;

// RFC 8881, 18.27 and 18.28.
using RESTOREFH4res = status4res;
using SAVEFH4res = status4res;

// RFC 8881, 18.17.
struct OPENATTR4args {
  bool createdir = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.createdir); }
};
using OPENATTR4res = status4res;

}  // namespace ditto::nfs4
