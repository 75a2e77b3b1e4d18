// The operations of the callback program that Ditto calls: their arguments, which are written, and their results, which
// are read (RFC 7530: CB_GETATTR and CB_RECALL; RFC 8881, 20; RFC 7862, 16: CB_OFFLOAD). What a notification of a
// directory holds is in notify.hpp; there are no callbacks of pNFS. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nfs/v4/messages/copy.hpp"
#include "nfs/v4/messages/delegation.hpp"
#include "nfs/v4/messages/notify.hpp"
#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

/// Most referring calls that a CB_SEQUENCE names, by session, and sessions in it.
inline constexpr std::size_t max_referring_calls = 64, max_referring_call_lists = 16;

// RFC 8881, 20.1.
struct CB_GETATTR4args {
  nfs_fh4 fh;
  bitmap4 attr_request;
  static constexpr void visit(auto& ar, auto& m) { ar(m.fh, m.attr_request); }
};
struct CB_GETATTR4resok {
  fattr4 obj_attributes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.obj_attributes); }
};
using CB_GETATTR4res = result4<CB_GETATTR4resok>;

// RFC 8881, 20.2.
struct CB_RECALL4args {
  stateid4 stateid;
  bool truncate = false;
  nfs_fh4 fh;
  static constexpr void visit(auto& ar, auto& m) { ar(m.stateid, m.truncate, m.fh); }
};
using CB_RECALL4res = status4res;

// RFC 8881, 20.4.
struct CB_NOTIFY4args {
  stateid4 cna_stateid;
  nfs_fh4 cna_fh;
  xdr::array<notify4, max_notify_changes> cna_changes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cna_stateid, m.cna_fh, m.cna_changes); }
};
using CB_NOTIFY4res = status4res;

// RFC 8881, 20.5.
struct CB_PUSH_DELEG4args {
  nfs_fh4 cpda_fh;
  open_delegation4 cpda_delegation;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cpda_fh, m.cpda_delegation); }
};
using CB_PUSH_DELEG4res = status4res;

// RFC 8881, 20.6: bits of craa_type_mask.
inline constexpr std::uint32_t RCA4_TYPE_MASK_RDATA_DLG = 0, RCA4_TYPE_MASK_WDATA_DLG = 1, RCA4_TYPE_MASK_DIR_DLG = 2;
struct CB_RECALL_ANY4args {
  std::uint32_t craa_objects_to_keep = 0;
  bitmap4 craa_type_mask;
  static constexpr void visit(auto& ar, auto& m) { ar(m.craa_objects_to_keep, m.craa_type_mask); }
};
using CB_RECALL_ANY4res = status4res;

// RFC 8881, 20.7.
using CB_RECALLABLE_OBJ_AVAIL4args = CB_RECALL_ANY4args;
using CB_RECALLABLE_OBJ_AVAIL4res = status4res;

// RFC 8881, 20.8.
struct CB_RECALL_SLOT4args {
  slotid4 rsa_target_highest_slotid = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rsa_target_highest_slotid); }
};
using CB_RECALL_SLOT4res = status4res;

// RFC 8881, 20.9.
struct referring_call4 {
  sequenceid4 rc_sequenceid = 0;
  slotid4 rc_slotid = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rc_sequenceid, m.rc_slotid); }
};
struct referring_call_list4 {
  sessionid4 rcl_sessionid{};
  xdr::array<referring_call4, max_referring_calls> rcl_referring_calls;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rcl_sessionid, m.rcl_referring_calls); }
};
struct CB_SEQUENCE4args {
  sessionid4 csa_sessionid{};
  sequenceid4 csa_sequenceid = 0;
  slotid4 csa_slotid = 0, csa_highest_slotid = 0;
  bool csa_cachethis = false;
  xdr::array<referring_call_list4, max_referring_call_lists> csa_referring_call_lists;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.csa_sessionid, m.csa_sequenceid, m.csa_slotid, m.csa_highest_slotid, m.csa_cachethis,
       m.csa_referring_call_lists);
  }
};
struct CB_SEQUENCE4resok {
  sessionid4 csr_sessionid{};
  sequenceid4 csr_sequenceid = 0;
  slotid4 csr_slotid = 0, csr_highest_slotid = 0, csr_target_highest_slotid = 0;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.csr_sessionid, m.csr_sequenceid, m.csr_slotid, m.csr_highest_slotid, m.csr_target_highest_slotid);
  }
};
using CB_SEQUENCE4res = result4<CB_SEQUENCE4resok>;

// RFC 8881, 20.10.
struct CB_WANTS_CANCELLED4args {
  bool cwca_contended_wants_cancelled = false, cwca_resourced_wants_cancelled = false;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.cwca_contended_wants_cancelled, m.cwca_resourced_wants_cancelled);
  }
};
using CB_WANTS_CANCELLED4res = status4res;

// RFC 8881, 20.11.
struct CB_NOTIFY_LOCK4args {
  nfs_fh4 cnla_fh;
  lock_owner4 cnla_lock_owner;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cnla_fh, m.cnla_lock_owner); }
};
using CB_NOTIFY_LOCK4res = status4res;

// RFC 7862, 16.1.
struct offload_info4 {
  nfsstat4 coa_status{};
  write_response4 coa_resok4;
  length4 coa_bytes_copied = 0;  // where it failed
  static constexpr void visit(auto& ar, auto& m) {
    ar.choose(m.coa_status, xdr::case_<nfsstat4::NFS4_OK>(m.coa_resok4), xdr::otherwise(m.coa_bytes_copied));
  }
};
struct CB_OFFLOAD4args {
  nfs_fh4 coa_fh;
  stateid4 coa_stateid;
  offload_info4 coa_offload_info;
  static constexpr void visit(auto& ar, auto& m) { ar(m.coa_fh, m.coa_stateid, m.coa_offload_info); }
};
using CB_OFFLOAD4res = status4res;

// RFC 8881, 20.13: a client's answer to a number that it does not know.
using CB_ILLEGAL4res = status4res;

}  // namespace ditto::nfs4
