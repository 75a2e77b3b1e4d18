// The data types of MOUNT version 3 (RFC 1813, appendix I, 5.1), spelled as there. Plain values; paths lend the memory
// of the request they were read from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/limits.hpp"
#include "wire/xdr_list.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::mount {

inline constexpr std::size_t MNTPATHLEN = 1024, MNTNAMLEN = 255, FHSIZE3 = 64;

/// Encoded bytes of the lists in one reply, and auth flavors of one share.
inline constexpr std::size_t list_bytes = std::size_t{1} << 20, groups_bytes = std::size_t{64} << 10;
inline constexpr std::size_t max_auth_flavors = 8;

using fhandle3 = xdr::opaque<FHSIZE3>;
using dirpath = xdr::string<MNTPATHLEN>;
using name = xdr::string<MNTNAMLEN>;

enum class mountstat3 : std::uint32_t {
  MNT3_OK = 0,
  MNT3ERR_PERM = 1,
  MNT3ERR_NOENT = 2,
  MNT3ERR_IO = 5,
  MNT3ERR_ACCES = 13,
  MNT3ERR_NOTDIR = 20,
  MNT3ERR_INVAL = 22,
  MNT3ERR_NAMETOOLONG = 63,
  MNT3ERR_NOTSUPP = 10004,
  MNT3ERR_SERVERFAULT = 10006,
};

struct MNTargs {
  dirpath path;
  static constexpr void visit(auto& ar, auto& m) { ar(m.path); }
};
using UMNTargs = MNTargs;

struct mountres3_ok {
  fhandle3 fhandle;
  xdr::array<std::uint32_t, max_auth_flavors> auth_flavors;
  static constexpr void visit(auto& ar, auto& m) { ar(m.fhandle, m.auth_flavors); }
};
struct mountres3 {
  mountstat3 fhs_status{};
  mountres3_ok mountinfo;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.fhs_status, mountstat3::MNT3_OK, m.mountinfo); }
};

struct mountbody {
  name ml_hostname;
  dirpath ml_directory;
  static constexpr void visit(auto& ar, auto& m) { ar(m.ml_hostname, m.ml_directory); }
};
struct mountlist {
  xdr::list<mountbody, list_bytes> mounts;
  static constexpr void visit(auto& ar, auto& m) { ar(m.mounts); }
};

struct groupnode {
  name gr_name;
  static constexpr void visit(auto& ar, auto& m) { ar(m.gr_name); }
};
struct exportnode {
  dirpath ex_dir;
  xdr::list<groupnode, groups_bytes> ex_groups;
  static constexpr void visit(auto& ar, auto& m) { ar(m.ex_dir, m.ex_groups); }
};
struct exports {
  xdr::list<exportnode, list_bytes> nodes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.nodes); }
};

}  // namespace ditto::mount
