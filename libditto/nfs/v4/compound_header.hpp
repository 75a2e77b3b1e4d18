// What precedes the operations in COMPOUND and CB_COMPOUND, calls and replies (RFC 7530, 15.2; RFC 8881, 16.2 and
// 19.2). The count of the array comes last, so that an operation's number and its arguments or result follow it, one
// after the other: there is no struct for a whole COMPOUND, and how many operations are too many is not said here. The
// tag lends the memory of what it was read from. Plain values.
#pragma once

#include <cstdint>

#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

struct COMPOUND4args_header {
  utf8str_cs tag;
  std::uint32_t minorversion = 0;
  std::uint32_t count = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.tag, m.minorversion, m.count); }
};

struct COMPOUND4res_header {
  nfsstat4 status{};
  utf8str_cs tag;
  std::uint32_t count = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.status, m.tag, m.count); }
};

struct CB_COMPOUND4args_header {
  utf8str_cs tag;
  std::uint32_t minorversion = 0;
  std::uint32_t callback_ident = 0;  // of SETCLIENTID; nothing to NFSv4.1
  std::uint32_t count = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.tag, m.minorversion, m.callback_ident, m.count); }
};

using CB_COMPOUND4res_header = COMPOUND4res_header;

}  // namespace ditto::nfs4
