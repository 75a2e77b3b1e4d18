// The results of the procedures of NFS version 3 (RFC 1813, 3.3), spelled as there: a status, then what a success or a
// failure tells. A default result is a success, so whoever fails says so. Read data is linked, never copied. Plain
// values.
#pragma once

#include "nfs/v3/types.hpp"
#include "wire/xdr_list.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::nfs3 {

/// `union switch (nfsstat3 status) { case NFS3_OK: Ok resok; default: Fail resfail; }`.
template <class Ok, class Fail>
struct result3 {
  nfsstat3 status{};
  Ok resok;
  Fail resfail;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.status, nfsstat3::NFS3_OK, m.resok, m.resfail); }
};

struct GETATTR3resok {
  fattr3 obj_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_attributes); }
};
using GETATTR3res = result3<GETATTR3resok, xdr::nothing>;

struct SETATTR3resok {
  wcc_data obj_wcc;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_wcc); }
};
using SETATTR3resfail = SETATTR3resok;
using SETATTR3res = result3<SETATTR3resok, SETATTR3resfail>;

struct LOOKUP3resok {
  nfs_fh3 object;
  post_op_attr obj_attributes, dir_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.object, m.obj_attributes, m.dir_attributes); }
};
struct LOOKUP3resfail {
  post_op_attr dir_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir_attributes); }
};
using LOOKUP3res = result3<LOOKUP3resok, LOOKUP3resfail>;

struct ACCESS3resok {
  post_op_attr obj_attributes;
  std::uint32_t access = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_attributes, m.access); }
};
struct ACCESS3resfail {
  post_op_attr obj_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_attributes); }
};
using ACCESS3res = result3<ACCESS3resok, ACCESS3resfail>;

struct READLINK3resok {
  post_op_attr symlink_attributes;
  nfspath3 data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.symlink_attributes, m.data); }
};
struct READLINK3resfail {
  post_op_attr symlink_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.symlink_attributes); }
};
using READLINK3res = result3<READLINK3resok, READLINK3resfail>;

struct READ3resok {
  post_op_attr file_attributes;
  count3 count = 0;
  bool eof = false;
  xdr::payload<limits::io_bytes> data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file_attributes, m.count, m.eof, m.data); }
};
struct READ3resfail {
  post_op_attr file_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file_attributes); }
};
using READ3res = result3<READ3resok, READ3resfail>;

struct WRITE3resok {
  wcc_data file_wcc;
  count3 count = 0;
  stable_how committed{};
  writeverf3 verf{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.file_wcc, m.count, m.committed, m.verf); }
};
struct WRITE3resfail {
  wcc_data file_wcc;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file_wcc); }
};
using WRITE3res = result3<WRITE3resok, WRITE3resfail>;

struct CREATE3resok {
  post_op_fh3 obj;
  post_op_attr obj_attributes;
  wcc_data dir_wcc;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj, m.obj_attributes, m.dir_wcc); }
};
struct CREATE3resfail {
  wcc_data dir_wcc;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir_wcc); }
};
using CREATE3res = result3<CREATE3resok, CREATE3resfail>;

// The RFC describes these four word for word like CREATE's.
using MKDIR3res = CREATE3res;
using SYMLINK3res = CREATE3res;
using MKNOD3res = CREATE3res;

struct REMOVE3resok {
  wcc_data dir_wcc;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir_wcc); }
};
using REMOVE3resfail = REMOVE3resok;
using REMOVE3res = result3<REMOVE3resok, REMOVE3resfail>;
using RMDIR3res = REMOVE3res;

struct RENAME3resok {
  wcc_data fromdir_wcc, todir_wcc;
  static constexpr void visit(auto& ar, auto& m) { ar(m.fromdir_wcc, m.todir_wcc); }
};
using RENAME3resfail = RENAME3resok;
using RENAME3res = result3<RENAME3resok, RENAME3resfail>;

struct LINK3resok {
  post_op_attr file_attributes;
  wcc_data linkdir_wcc;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file_attributes, m.linkdir_wcc); }
};
using LINK3resfail = LINK3resok;
using LINK3res = result3<LINK3resok, LINK3resfail>;

struct entry3 {
  fileid3 fileid = 0;
  filename3 name;
  cookie3 cookie = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.fileid, m.name, m.cookie); }
};
struct dirlist3 {
  xdr::list<entry3, limits::io_bytes> entries;
  bool eof = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.entries, m.eof); }
};
struct READDIR3resok {
  post_op_attr dir_attributes;
  cookieverf3 cookieverf{};
  dirlist3 reply;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir_attributes, m.cookieverf, m.reply); }
};
struct READDIR3resfail {
  post_op_attr dir_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir_attributes); }
};
using READDIR3res = result3<READDIR3resok, READDIR3resfail>;

struct entryplus3 {
  fileid3 fileid = 0;
  filename3 name;
  cookie3 cookie = 0;
  post_op_attr name_attributes;
  post_op_fh3 name_handle;
  static constexpr void visit(auto& ar, auto& m) { ar(m.fileid, m.name, m.cookie, m.name_attributes, m.name_handle); }
};
struct dirlistplus3 {
  xdr::list<entryplus3, limits::io_bytes> entries;
  bool eof = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.entries, m.eof); }
};
struct READDIRPLUS3resok {
  post_op_attr dir_attributes;
  cookieverf3 cookieverf{};
  dirlistplus3 reply;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir_attributes, m.cookieverf, m.reply); }
};
struct READDIRPLUS3resfail {
  post_op_attr dir_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir_attributes); }
};
using READDIRPLUS3res = result3<READDIRPLUS3resok, READDIRPLUS3resfail>;

struct FSSTAT3resok {
  post_op_attr obj_attributes;
  size3 tbytes = 0, fbytes = 0, abytes = 0, tfiles = 0, ffiles = 0, afiles = 0;
  std::uint32_t invarsec = 0;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.obj_attributes, m.tbytes, m.fbytes, m.abytes, m.tfiles, m.ffiles, m.afiles, m.invarsec);
  }
};
struct FSSTAT3resfail {
  post_op_attr obj_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_attributes); }
};
using FSSTAT3res = result3<FSSTAT3resok, FSSTAT3resfail>;

struct FSINFO3resok {
  post_op_attr obj_attributes;
  std::uint32_t rtmax = 0, rtpref = 0, rtmult = 0, wtmax = 0, wtpref = 0, wtmult = 0, dtpref = 0;
  size3 maxfilesize = 0;
  nfstime3 time_delta;
  std::uint32_t properties = 0;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.obj_attributes, m.rtmax, m.rtpref, m.rtmult, m.wtmax, m.wtpref, m.wtmult, m.dtpref, m.maxfilesize,
       m.time_delta, m.properties);
  }
};
struct FSINFO3resfail {
  post_op_attr obj_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_attributes); }
};
using FSINFO3res = result3<FSINFO3resok, FSINFO3resfail>;

struct PATHCONF3resok {
  post_op_attr obj_attributes;
  std::uint32_t linkmax = 0, name_max = 0;
  bool no_trunc = false, chown_restricted = false, case_insensitive = false, case_preserving = false;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.obj_attributes, m.linkmax, m.name_max, m.no_trunc, m.chown_restricted, m.case_insensitive, m.case_preserving);
  }
};
struct PATHCONF3resfail {
  post_op_attr obj_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_attributes); }
};
using PATHCONF3res = result3<PATHCONF3resok, PATHCONF3resfail>;

struct COMMIT3resok {
  wcc_data file_wcc;
  writeverf3 verf{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.file_wcc, m.verf); }
};
struct COMMIT3resfail {
  wcc_data file_wcc;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file_wcc); }
};
using COMMIT3res = result3<COMMIT3resok, COMMIT3resfail>;

}  // namespace ditto::nfs3
