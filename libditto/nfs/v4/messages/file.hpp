// The operations on one object by its filehandle: ACCESS, GETATTR, SETATTR, VERIFY, NVERIFY, READLINK, READ, WRITE,
// COMMIT (RFC 7530, 16; RFC 8881, 18). Data is linked, never copied; attributes lend the memory of the request that
// they were read from. Plain values.
#pragma once

#include <array>
#include <cstdint>

#include "base/limits.hpp"
#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.1; the last three are RFC 8276's.
inline constexpr std::uint32_t ACCESS4_READ = 0x001, ACCESS4_LOOKUP = 0x002, ACCESS4_MODIFY = 0x004,
                               ACCESS4_EXTEND = 0x008, ACCESS4_DELETE = 0x010, ACCESS4_EXECUTE = 0x020,
                               ACCESS4_XAREAD = 0x040, ACCESS4_XAWRITE = 0x080, ACCESS4_XALIST = 0x100;
struct ACCESS4args {
  std::uint32_t access = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.access); }
};
struct ACCESS4resok {
  std::uint32_t supported = 0, access = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.supported, m.access); }
};
using ACCESS4res = result4<ACCESS4resok>;

// RFC 8881, 18.7.
struct GETATTR4args {
  bitmap4 attr_request;
  static constexpr void visit(auto& ar, auto& m) { ar(m.attr_request); }
};
struct GETATTR4resok {
  fattr4 obj_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_attributes); }
};
using GETATTR4res = result4<GETATTR4resok>;

// RFC 8881, 18.30. The set of attributes is there whatever the status is.
struct SETATTR4args {
  stateid4 stateid;
  fattr4 obj_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.stateid, m.obj_attributes); }
};
struct SETATTR4res {
  nfsstat4 status{};
  bitmap4 attrsset;
  static constexpr void visit(auto& ar, auto& m) { ar(m.status, m.attrsset); }
};

// RFC 8881, 18.31 and 18.15.
struct VERIFY4args {
  fattr4 obj_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_attributes); }
};
using VERIFY4res = status4res;
using NVERIFY4args = VERIFY4args;
using NVERIFY4res = status4res;

// RFC 8881, 18.24.
struct READLINK4resok {
  linktext4 link;
  static constexpr void visit(auto& ar, auto& m) { ar(m.link); }
};
using READLINK4res = result4<READLINK4resok>;

// RFC 8881, 18.22.
struct READ4args {
  stateid4 stateid;
  offset4 offset = 0;
  count4 count = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.stateid, m.offset, m.count); }
};
struct READ4resok {
  bool eof = false;
  xdr::payload<limits::io_bytes> data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.eof, m.data); }
};
using READ4res = result4<READ4resok>;

// RFC 8881, 18.32.
enum class stable_how4 : std::uint32_t { UNSTABLE4 = 0, DATA_SYNC4 = 1, FILE_SYNC4 = 2 };
constexpr auto xdr_values(stable_how4) {
  return std::array{stable_how4::UNSTABLE4, stable_how4::DATA_SYNC4, stable_how4::FILE_SYNC4};
}
struct WRITE4args {
  stateid4 stateid;
  offset4 offset = 0;
  stable_how4 stable{};
  xdr::payload<limits::io_bytes> data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.stateid, m.offset, m.stable, m.data); }
};
struct WRITE4resok {
  count4 count = 0;
  stable_how4 committed{};
  verifier4 writeverf{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.count, m.committed, m.writeverf); }
};
using WRITE4res = result4<WRITE4resok>;

// RFC 8881, 18.3.
struct COMMIT4args {
  offset4 offset = 0;
  count4 count = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.offset, m.count); }
};
struct COMMIT4resok {
  verifier4 writeverf{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.writeverf); }
};
using COMMIT4res = result4<COMMIT4resok>;

}  // namespace ditto::nfs4
