// The operations of byte-range locks, and of stateids as such: LOCK, LOCKT, LOCKU, RELEASE_LOCKOWNER, FREE_STATEID,
// TEST_STATEID (RFC 7530, 16; RFC 8881, 18). Owners lend the memory of the request that they were read from. Plain
// values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

/// Stateids of one TEST_STATEID that are decoded at all.
inline constexpr std::size_t max_test_stateids = 1024;

// RFC 8881, 18.10. The last two are blocking.
enum class nfs_lock_type4 : std::uint32_t { READ_LT = 1, WRITE_LT = 2, READW_LT = 3, WRITEW_LT = 4 };
constexpr auto xdr_values(nfs_lock_type4) {
  using enum nfs_lock_type4;
  return std::array{READ_LT, WRITE_LT, READW_LT, WRITEW_LT};
}

struct open_to_lock_owner4 {
  seqid4 open_seqid = 0;
  stateid4 open_stateid;
  seqid4 lock_seqid = 0;
  lock_owner4 lock_owner;
  static constexpr void visit(auto& ar, auto& m) { ar(m.open_seqid, m.open_stateid, m.lock_seqid, m.lock_owner); }
};
struct exist_lock_owner4 {
  stateid4 lock_stateid;
  seqid4 lock_seqid = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.lock_stateid, m.lock_seqid); }
};
struct locker4 {
  bool new_lock_owner = false;
  open_to_lock_owner4 open_owner;
  exist_lock_owner4 lock_owner;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.new_lock_owner, true, m.open_owner, m.lock_owner); }
};

struct LOCK4args {
  nfs_lock_type4 locktype = nfs_lock_type4::READ_LT;
  bool reclaim = false;
  offset4 offset = 0;
  length4 length = 0;
  locker4 locker;
  static constexpr void visit(auto& ar, auto& m) { ar(m.locktype, m.reclaim, m.offset, m.length, m.locker); }
};
struct LOCK4denied {
  offset4 offset = 0;
  length4 length = 0;
  nfs_lock_type4 locktype = nfs_lock_type4::READ_LT;
  lock_owner4 owner;
  static constexpr void visit(auto& ar, auto& m) { ar(m.offset, m.length, m.locktype, m.owner); }
};
struct LOCK4resok {
  stateid4 lock_stateid;
  static constexpr void visit(auto& ar, auto& m) { ar(m.lock_stateid); }
};
struct LOCK4res {
  nfsstat4 status{};
  LOCK4resok resok4;
  LOCK4denied denied;
  static constexpr void visit(auto& ar, auto& m) {
    using enum nfsstat4;
    ar.choose(m.status, xdr::case_<NFS4_OK>(m.resok4), xdr::case_<NFS4ERR_DENIED>(m.denied), xdr::otherwise());
  }
};

// RFC 8881, 18.11.
struct LOCKT4args {
  nfs_lock_type4 locktype = nfs_lock_type4::READ_LT;
  offset4 offset = 0;
  length4 length = 0;
  lock_owner4 owner;
  static constexpr void visit(auto& ar, auto& m) { ar(m.locktype, m.offset, m.length, m.owner); }
};
struct LOCKT4res {
  nfsstat4 status{};
  LOCK4denied denied;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.status, nfsstat4::NFS4ERR_DENIED, m.denied); }
};

// RFC 8881, 18.12.
struct LOCKU4args {
  nfs_lock_type4 locktype = nfs_lock_type4::READ_LT;
  seqid4 seqid = 0;
  stateid4 lock_stateid;
  offset4 offset = 0;
  length4 length = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.locktype, m.seqid, m.lock_stateid, m.offset, m.length); }
};
using LOCKU4res = result4<stateid4>;

// RFC 7530, 16.37.
struct RELEASE_LOCKOWNER4args {
  lock_owner4 lock_owner;
  static constexpr void visit(auto& ar, auto& m) { ar(m.lock_owner); }
};
using RELEASE_LOCKOWNER4res = status4res;

// RFC 8881, 18.38.
struct FREE_STATEID4args {
  stateid4 fsa_stateid;
  static constexpr void visit(auto& ar, auto& m) { ar(m.fsa_stateid); }
};
using FREE_STATEID4res = status4res;

// RFC 8881, 18.48.
struct TEST_STATEID4args {
  xdr::array<stateid4, max_test_stateids> ts_stateids;
  static constexpr void visit(auto& ar, auto& m) { ar(m.ts_stateids); }
};
struct TEST_STATEID4resok {
  xdr::array<nfsstat4, max_test_stateids> tsr_status_codes;
  static constexpr void visit(auto& ar, auto& m) { ar(m.tsr_status_codes); }
};
using TEST_STATEID4res = result4<TEST_STATEID4resok>;

}  // namespace ditto::nfs4
