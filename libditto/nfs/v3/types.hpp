// The basic data types of NFS version 3 (RFC 1813, 2.5 and 2.6), spelled as there and described once for the codec.
// Where the RFC sets no limit on a string, ours are wide enough that a name or path which is only somewhat too long
// still gets the proper NFS3ERR_NAMETOOLONG. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/limits.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::nfs3 {

inline constexpr std::size_t NFS3_FHSIZE = 64;
inline constexpr std::size_t NFS3_COOKIEVERFSIZE = 8, NFS3_CREATEVERFSIZE = 8, NFS3_WRITEVERFSIZE = 8;

/// Longest strings that are decoded at all; longer ones are malformed calls.
inline constexpr std::size_t filename_bytes = 4096, path_bytes = 8192;
static_assert(filename_bytes > limits::name_bytes && path_bytes > limits::symlink_bytes);

using filename3 = xdr::string<filename_bytes>;
using nfspath3 = xdr::string<path_bytes>;
using fileid3 = std::uint64_t;
using cookie3 = std::uint64_t;
using uid3 = std::uint32_t;
using gid3 = std::uint32_t;
using size3 = std::uint64_t;
using offset3 = std::uint64_t;
using mode3 = std::uint32_t;
using count3 = std::uint32_t;
using cookieverf3 = xdr::fixed_opaque<NFS3_COOKIEVERFSIZE>;
using createverf3 = xdr::fixed_opaque<NFS3_CREATEVERFSIZE>;
using writeverf3 = xdr::fixed_opaque<NFS3_WRITEVERFSIZE>;

enum class nfsstat3 : std::uint32_t {
  NFS3_OK = 0,
  NFS3ERR_PERM = 1,
  NFS3ERR_NOENT = 2,
  NFS3ERR_IO = 5,
  NFS3ERR_NXIO = 6,
  NFS3ERR_ACCES = 13,
  NFS3ERR_EXIST = 17,
  NFS3ERR_XDEV = 18,
  NFS3ERR_NODEV = 19,
  NFS3ERR_NOTDIR = 20,
  NFS3ERR_ISDIR = 21,
  NFS3ERR_INVAL = 22,
  NFS3ERR_FBIG = 27,
  NFS3ERR_NOSPC = 28,
  NFS3ERR_ROFS = 30,
  NFS3ERR_MLINK = 31,
  NFS3ERR_NAMETOOLONG = 63,
  NFS3ERR_NOTEMPTY = 66,
  NFS3ERR_DQUOT = 69,
  NFS3ERR_STALE = 70,
  NFS3ERR_REMOTE = 71,
  NFS3ERR_BADHANDLE = 10001,
  NFS3ERR_NOT_SYNC = 10002,
  NFS3ERR_BAD_COOKIE = 10003,
  NFS3ERR_NOTSUPP = 10004,
  NFS3ERR_TOOSMALL = 10005,
  NFS3ERR_SERVERFAULT = 10006,
  NFS3ERR_BADTYPE = 10007,
  NFS3ERR_JUKEBOX = 10008,
};

enum class ftype3 : std::uint32_t { NF3REG = 1, NF3DIR, NF3BLK, NF3CHR, NF3LNK, NF3SOCK, NF3FIFO };

struct specdata3 {
  std::uint32_t specdata1 = 0, specdata2 = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.specdata1, m.specdata2); }
};

struct nfs_fh3 {
  xdr::opaque<NFS3_FHSIZE> data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.data); }
};

struct nfstime3 {
  std::uint32_t seconds = 0, nseconds = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.seconds, m.nseconds); }
  friend bool operator==(const nfstime3&, const nfstime3&) = default;
};

struct fattr3 {
  ftype3 type{};
  mode3 mode = 0;
  std::uint32_t nlink = 0;
  uid3 uid = 0;
  gid3 gid = 0;
  size3 size = 0, used = 0;
  specdata3 rdev;
  std::uint64_t fsid = 0;
  fileid3 fileid = 0;
  nfstime3 atime, mtime, ctime;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.type, m.mode, m.nlink, m.uid, m.gid, m.size, m.used, m.rdev, m.fsid, m.fileid, m.atime, m.mtime, m.ctime);
  }
};

using post_op_attr = std::optional<fattr3>;

struct wcc_attr {
  size3 size = 0;
  nfstime3 mtime, ctime;
  static constexpr void visit(auto& ar, auto& m) { ar(m.size, m.mtime, m.ctime); }
};

using pre_op_attr = std::optional<wcc_attr>;

struct wcc_data {
  pre_op_attr before;
  post_op_attr after;
  static constexpr void visit(auto& ar, auto& m) { ar(m.before, m.after); }
};

using post_op_fh3 = std::optional<nfs_fh3>;

enum class time_how : std::uint32_t { DONT_CHANGE = 0, SET_TO_SERVER_TIME = 1, SET_TO_CLIENT_TIME = 2 };
constexpr auto xdr_values(time_how) {
  return std::array{time_how::DONT_CHANGE, time_how::SET_TO_SERVER_TIME, time_how::SET_TO_CLIENT_TIME};
}

struct set_atime {
  time_how set_it{};
  nfstime3 atime;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.set_it, time_how::SET_TO_CLIENT_TIME, m.atime); }
};

struct set_mtime {
  time_how set_it{};
  nfstime3 mtime;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.set_it, time_how::SET_TO_CLIENT_TIME, m.mtime); }
};

struct sattr3 {
  std::optional<mode3> mode;
  std::optional<uid3> uid;
  std::optional<gid3> gid;
  std::optional<size3> size;
  set_atime atime;
  set_mtime mtime;
  static constexpr void visit(auto& ar, auto& m) { ar(m.mode, m.uid, m.gid, m.size, m.atime, m.mtime); }
};

struct diropargs3 {
  nfs_fh3 dir;
  filename3 name;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir, m.name); }
};

// RFC 1813, 3.3.4.
inline constexpr std::uint32_t ACCESS3_READ = 0x0001, ACCESS3_LOOKUP = 0x0002, ACCESS3_MODIFY = 0x0004,
                               ACCESS3_EXTEND = 0x0008, ACCESS3_DELETE = 0x0010, ACCESS3_EXECUTE = 0x0020;

// RFC 1813, 3.3.7.
enum class stable_how : std::uint32_t { UNSTABLE = 0, DATA_SYNC = 1, FILE_SYNC = 2 };
constexpr auto xdr_values(stable_how) {
  return std::array{stable_how::UNSTABLE, stable_how::DATA_SYNC, stable_how::FILE_SYNC};
}

// RFC 1813, 3.3.8.
enum class createmode3 : std::uint32_t { UNCHECKED = 0, GUARDED = 1, EXCLUSIVE = 2 };

// RFC 1813, 3.3.19.
inline constexpr std::uint32_t FSF3_LINK = 0x0001, FSF3_SYMLINK = 0x0002, FSF3_HOMOGENEOUS = 0x0008,
                               FSF3_CANSETTIME = 0x0010;

}  // namespace ditto::nfs3
