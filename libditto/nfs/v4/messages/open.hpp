// The operations of opens: OPEN, OPEN_CONFIRM, OPEN_DOWNGRADE, CLOSE, and WANT_DELEGATION, which has OPEN's claims
// (RFC 7530, 16; RFC 8881, 18). The unions are NFSv4.1's: whoever serves NFSv4.0 refuses EXCLUSIVE4_1, and the claims
// by filehandle, which are not in its XDR. Owners, names and attributes lend the memory of the request that they were
// read from. Plain values.
#pragma once

#include <array>
#include <cstdint>

#include "nfs/v4/messages/delegation.hpp"
#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.16; the wants are NFSv4.1's.
inline constexpr std::uint32_t OPEN4_SHARE_ACCESS_READ = 0x1, OPEN4_SHARE_ACCESS_WRITE = 0x2,
                               OPEN4_SHARE_ACCESS_BOTH = 0x3;
inline constexpr std::uint32_t OPEN4_SHARE_DENY_NONE = 0x0, OPEN4_SHARE_DENY_READ = 0x1, OPEN4_SHARE_DENY_WRITE = 0x2,
                               OPEN4_SHARE_DENY_BOTH = 0x3;
inline constexpr std::uint32_t OPEN4_SHARE_ACCESS_WANT_DELEG_MASK = 0xff00,
                               OPEN4_SHARE_ACCESS_WANT_NO_PREFERENCE = 0x0000,
                               OPEN4_SHARE_ACCESS_WANT_READ_DELEG = 0x0100,
                               OPEN4_SHARE_ACCESS_WANT_WRITE_DELEG = 0x0200, OPEN4_SHARE_ACCESS_WANT_ANY_DELEG = 0x0300,
                               OPEN4_SHARE_ACCESS_WANT_NO_DELEG = 0x0400, OPEN4_SHARE_ACCESS_WANT_CANCEL = 0x0500,
                               OPEN4_SHARE_ACCESS_WANT_SIGNAL_DELEG_WHEN_RESRC_AVAIL = 0x10000,
                               OPEN4_SHARE_ACCESS_WANT_PUSH_DELEG_WHEN_UNCONTENDED = 0x20000;

enum class createmode4 : std::uint32_t { UNCHECKED4 = 0, GUARDED4 = 1, EXCLUSIVE4 = 2, EXCLUSIVE4_1 = 3 };
struct creatverfattr {
  verifier4 cva_verf{};
  fattr4 cva_attrs;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cva_verf, m.cva_attrs); }
};
struct createhow4 {
  createmode4 mode{};
  fattr4 createattrs;
  verifier4 createverf{};
  creatverfattr ch_createboth;
  static constexpr void visit(auto& ar, auto& m) {
    using enum createmode4;
    ar.choose(m.mode, xdr::case_<UNCHECKED4, GUARDED4>(m.createattrs), xdr::case_<EXCLUSIVE4>(m.createverf),
              xdr::case_<EXCLUSIVE4_1>(m.ch_createboth));
  }
};

enum class opentype4 : std::uint32_t { OPEN4_NOCREATE = 0, OPEN4_CREATE = 1 };
constexpr auto xdr_values(opentype4) { return std::array{opentype4::OPEN4_NOCREATE, opentype4::OPEN4_CREATE}; }
struct openflag4 {
  opentype4 opentype{};
  createhow4 how;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.opentype, opentype4::OPEN4_CREATE, m.how); }
};

enum class open_claim_type4 : std::uint32_t {
  CLAIM_NULL = 0,
  CLAIM_PREVIOUS = 1,
  CLAIM_DELEGATE_CUR = 2,
  CLAIM_DELEGATE_PREV = 3,
  CLAIM_FH = 4,
  CLAIM_DELEG_CUR_FH = 5,
  CLAIM_DELEG_PREV_FH = 6,
};
struct open_claim_delegate_cur4 {
  stateid4 delegate_stateid;
  component4 file;
  static constexpr void visit(auto& ar, auto& m) { ar(m.delegate_stateid, m.file); }
};
struct open_claim4 {
  open_claim_type4 claim{};
  component4 file;
  open_delegation_type4 delegate_type{};
  open_claim_delegate_cur4 delegate_cur_info;
  component4 file_delegate_prev;
  stateid4 oc_delegate_stateid;
  static constexpr void visit(auto& ar, auto& m) {
    using enum open_claim_type4;
    ar.choose(m.claim, xdr::case_<CLAIM_NULL>(m.file), xdr::case_<CLAIM_PREVIOUS>(m.delegate_type),
              xdr::case_<CLAIM_DELEGATE_CUR>(m.delegate_cur_info),
              xdr::case_<CLAIM_DELEGATE_PREV>(m.file_delegate_prev), xdr::case_<CLAIM_FH, CLAIM_DELEG_PREV_FH>(),
              xdr::case_<CLAIM_DELEG_CUR_FH>(m.oc_delegate_stateid));
  }
};

struct OPEN4args {
  seqid4 seqid = 0;
  std::uint32_t share_access = 0, share_deny = 0;
  open_owner4 owner;
  openflag4 openhow;
  open_claim4 claim;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.seqid, m.share_access, m.share_deny, m.owner, m.openhow, m.claim);
  }
};

// rflags; the last two are NFSv4.1's.
inline constexpr std::uint32_t OPEN4_RESULT_CONFIRM = 0x02, OPEN4_RESULT_LOCKTYPE_POSIX = 0x04,
                               OPEN4_RESULT_PRESERVE_UNLINKED = 0x08, OPEN4_RESULT_MAY_NOTIFY_LOCK = 0x20;
struct OPEN4resok {
  stateid4 stateid;
  change_info4 cinfo;
  std::uint32_t rflags = 0;
  bitmap4 attrset;
  open_delegation4 delegation;
  static constexpr void visit(auto& ar, auto& m) { ar(m.stateid, m.cinfo, m.rflags, m.attrset, m.delegation); }
};
using OPEN4res = result4<OPEN4resok>;

// RFC 7530, 16.18.
struct OPEN_CONFIRM4args {
  stateid4 open_stateid;
  seqid4 seqid = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.open_stateid, m.seqid); }
};
struct OPEN_CONFIRM4resok {
  stateid4 open_stateid;
  static constexpr void visit(auto& ar, auto& m) { ar(m.open_stateid); }
};
using OPEN_CONFIRM4res = result4<OPEN_CONFIRM4resok>;

// RFC 8881, 18.18.
struct OPEN_DOWNGRADE4args {
  stateid4 open_stateid;
  seqid4 seqid = 0;
  std::uint32_t share_access = 0, share_deny = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.open_stateid, m.seqid, m.share_access, m.share_deny); }
};
struct OPEN_DOWNGRADE4resok {
  stateid4 open_stateid;
  static constexpr void visit(auto& ar, auto& m) { ar(m.open_stateid); }
};
using OPEN_DOWNGRADE4res = result4<OPEN_DOWNGRADE4resok>;

// RFC 8881, 18.2.
struct CLOSE4args {
  seqid4 seqid = 0;
  stateid4 open_stateid;
  static constexpr void visit(auto& ar, auto& m) { ar(m.seqid, m.open_stateid); }
};
using CLOSE4res = result4<stateid4>;

// RFC 8881, 18.49.
struct deleg_claim4 {
  open_claim_type4 dc_claim = open_claim_type4::CLAIM_FH;
  open_delegation_type4 dc_delegate_type{};
  static constexpr void visit(auto& ar, auto& m) {
    using enum open_claim_type4;
    ar.choose(m.dc_claim, xdr::case_<CLAIM_FH, CLAIM_DELEG_PREV_FH>(), xdr::case_<CLAIM_PREVIOUS>(m.dc_delegate_type));
  }
};
struct WANT_DELEGATION4args {
  std::uint32_t wda_want = 0;
  deleg_claim4 wda_claim;
  static constexpr void visit(auto& ar, auto& m) { ar(m.wda_want, m.wda_claim); }
};
using WANT_DELEGATION4res = result4<open_delegation4>;

}  // namespace ditto::nfs4
