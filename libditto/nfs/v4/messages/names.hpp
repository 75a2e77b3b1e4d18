// The operations on the entries of directories: LOOKUP, LOOKUPP, CREATE, REMOVE, RENAME, LINK, READDIR (RFC 7530, 16;
// RFC 8881, 18). Names lend the memory of the request that they were read from; the entries of READDIR are encoded one
// by one, by an xdr::ListBuilder that keeps to a budget. Plain values.
#pragma once

#include "base/limits.hpp"
#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"
#include "wire/xdr_list.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.13 and 18.14.
struct LOOKUP4args {
  component4 objname;
  static constexpr void visit(auto& ar, auto& m) { ar(m.objname); }
};
using LOOKUP4res = status4res;
using LOOKUPP4res = status4res;

// RFC 8881, 18.4.
struct createtype4 {
  nfs_ftype4 type{};
  linktext4 linkdata;
  specdata4 devdata;
  static constexpr void visit(auto& ar, auto& m) {
    using enum nfs_ftype4;
    ar.choose(m.type, xdr::case_<NF4LNK>(m.linkdata), xdr::case_<NF4BLK, NF4CHR>(m.devdata), xdr::otherwise());
  }
};
struct CREATE4args {
  createtype4 objtype;
  component4 objname;
  fattr4 createattrs;
  static constexpr void visit(auto& ar, auto& m) { ar(m.objtype, m.objname, m.createattrs); }
};
struct CREATE4resok {
  change_info4 cinfo;
  bitmap4 attrset;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cinfo, m.attrset); }
};
using CREATE4res = result4<CREATE4resok>;

// RFC 8881, 18.25.
struct REMOVE4args {
  component4 target;
  static constexpr void visit(auto& ar, auto& m) { ar(m.target); }
};
struct REMOVE4resok {
  change_info4 cinfo;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cinfo); }
};
using REMOVE4res = result4<REMOVE4resok>;

// RFC 8881, 18.26.
struct RENAME4args {
  component4 oldname, newname;
  static constexpr void visit(auto& ar, auto& m) { ar(m.oldname, m.newname); }
};
struct RENAME4resok {
  change_info4 source_cinfo, target_cinfo;
  static constexpr void visit(auto& ar, auto& m) { ar(m.source_cinfo, m.target_cinfo); }
};
using RENAME4res = result4<RENAME4resok>;

// RFC 8881, 18.9.
struct LINK4args {
  component4 newname;
  static constexpr void visit(auto& ar, auto& m) { ar(m.newname); }
};
struct LINK4resok {
  change_info4 cinfo;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cinfo); }
};
using LINK4res = result4<LINK4resok>;

// RFC 8881, 18.23.
struct READDIR4args {
  nfs_cookie4 cookie = 0;
  verifier4 cookieverf{};
  count4 dircount = 0, maxcount = 0;
  bitmap4 attr_request;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.cookieverf, m.dircount, m.maxcount, m.attr_request); }
};
struct entry4 {
  nfs_cookie4 cookie = 0;
  component4 name;
  fattr4 attrs;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.name, m.attrs); }
};
struct dirlist4 {
  xdr::list<entry4, limits::io_bytes> entries;
  bool eof = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.entries, m.eof); }
};
struct READDIR4resok {
  verifier4 cookieverf{};
  dirlist4 reply;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookieverf, m.reply); }
};
using READDIR4res = result4<READDIR4resok>;

}  // namespace ditto::nfs4
