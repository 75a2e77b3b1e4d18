// The arguments of the procedures of NFS version 3 (RFC 1813, 3.3), spelled as there. Names, paths and write data lend
// or share the memory of the request they were read from. Plain values.
#pragma once

#include "nfs/v3/types.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::nfs3 {

struct GETATTR3args {
  nfs_fh3 object;
  static constexpr void visit(auto& ar, auto& m) { ar(m.object); }
};

struct SETATTR3args {
  nfs_fh3 object;
  sattr3 new_attributes;
  std::optional<nfstime3> guard;
  static constexpr void visit(auto& ar, auto& m) { ar(m.object, m.new_attributes, m.guard); }
};

struct LOOKUP3args {
  diropargs3 what;
  static constexpr void visit(auto& ar, auto& m) { ar(m.what); }
};

struct ACCESS3args {
  nfs_fh3 object;
  std::uint32_t access = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.object, m.access); }
};

struct READLINK3args {
  nfs_fh3 symlink;
  static constexpr void visit(auto& ar, auto& m) { ar(m.symlink); }
};

struct READ3args {
  nfs_fh3 file;
  offset3 offset = 0;
  count3 count = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file, m.offset, m.count); }
};

struct WRITE3args {
  nfs_fh3 file;
  offset3 offset = 0;
  count3 count = 0;
  stable_how stable{};
  xdr::payload<limits::io_bytes> data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file, m.offset, m.count, m.stable, m.data); }
};

struct createhow3 {
  createmode3 mode{};
  sattr3 obj_attributes;
  createverf3 verf{};
  static constexpr void visit(auto& ar, auto& m) {
    using enum createmode3;
    ar.choose(m.mode, xdr::case_<UNCHECKED, GUARDED>(m.obj_attributes), xdr::case_<EXCLUSIVE>(m.verf));
  }
};

struct CREATE3args {
  diropargs3 where;
  createhow3 how;
  static constexpr void visit(auto& ar, auto& m) { ar(m.where, m.how); }
};

struct MKDIR3args {
  diropargs3 where;
  sattr3 attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.where, m.attributes); }
};

struct symlinkdata3 {
  sattr3 symlink_attributes;
  nfspath3 symlink_data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.symlink_attributes, m.symlink_data); }
};

struct SYMLINK3args {
  diropargs3 where;
  symlinkdata3 symlink;
  static constexpr void visit(auto& ar, auto& m) { ar(m.where, m.symlink); }
};

struct devicedata3 {
  sattr3 dev_attributes;
  specdata3 spec;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dev_attributes, m.spec); }
};

struct mknoddata3 {
  ftype3 type{};
  devicedata3 device;
  sattr3 pipe_attributes;
  static constexpr void visit(auto& ar, auto& m) {
    using enum ftype3;
    ar.choose(m.type, xdr::case_<NF3CHR, NF3BLK>(m.device), xdr::case_<NF3SOCK, NF3FIFO>(m.pipe_attributes),
              xdr::otherwise());
  }
};

struct MKNOD3args {
  diropargs3 where;
  mknoddata3 what;
  static constexpr void visit(auto& ar, auto& m) { ar(m.where, m.what); }
};

struct REMOVE3args {
  diropargs3 object;
  static constexpr void visit(auto& ar, auto& m) { ar(m.object); }
};

struct RMDIR3args {
  diropargs3 object;
  static constexpr void visit(auto& ar, auto& m) { ar(m.object); }
};

struct RENAME3args {
  diropargs3 from, to;
  static constexpr void visit(auto& ar, auto& m) { ar(m.from, m.to); }
};

struct LINK3args {
  nfs_fh3 file;
  diropargs3 link;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file, m.link); }
};

struct READDIR3args {
  nfs_fh3 dir;
  cookie3 cookie = 0;
  cookieverf3 cookieverf{};
  count3 count = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir, m.cookie, m.cookieverf, m.count); }
};

struct READDIRPLUS3args {
  nfs_fh3 dir;
  cookie3 cookie = 0;
  cookieverf3 cookieverf{};
  count3 dircount = 0, maxcount = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.dir, m.cookie, m.cookieverf, m.dircount, m.maxcount); }
};

struct FSSTAT3args {
  nfs_fh3 fsroot;
  static constexpr void visit(auto& ar, auto& m) { ar(m.fsroot); }
};

struct FSINFO3args {
  nfs_fh3 fsroot;
  static constexpr void visit(auto& ar, auto& m) { ar(m.fsroot); }
};

struct PATHCONF3args {
  nfs_fh3 object;
  static constexpr void visit(auto& ar, auto& m) { ar(m.object); }
};

struct COMMIT3args {
  nfs_fh3 file;
  offset3 offset = 0;
  count3 count = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.file, m.offset, m.count); }
};

}  // namespace ditto::nfs3
