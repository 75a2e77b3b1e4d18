// The data types of the lock manager (XNFS, chapter 10; version 4: chapter 14, and RFC 1813, appendix II), spelled as
// there. Version 4 is versions 1 and 3 with 64-bit offsets and more statuses, so each is described once, over the type
// of its offsets. Plain values; names, cookies, handles and owners lend the memory of the request they were read from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/xdr_types.hpp"

namespace ditto::nlm {

inline constexpr std::size_t LM_MAXSTRLEN = 1024, MAXNETOBJ_SZ = 1024;

using netobj = xdr::opaque<MAXNETOBJ_SZ>;
using name = xdr::string<LM_MAXSTRLEN>;

/// Versions 1 and 3 know the first five.
enum class nlm4_stats : std::uint32_t {
  NLM4_GRANTED = 0,
  NLM4_DENIED = 1,
  NLM4_DENIED_NOLOCKS = 2,
  NLM4_BLOCKED = 3,
  NLM4_DENIED_GRACE_PERIOD = 4,
  NLM4_DEADLCK = 5,
  NLM4_ROFS = 6,
  NLM4_STALE_FH = 7,
  NLM4_FBIG = 8,
  NLM4_FAILED = 9,
};

template <class Offset>
struct basic_holder {
  bool exclusive = false;
  std::int32_t svid = 0;
  netobj oh;
  Offset l_offset = 0;
  Offset l_len = 0;  // 0: to the end of the file
  static constexpr void visit(auto& ar, auto& m) { ar(m.exclusive, m.svid, m.oh, m.l_offset, m.l_len); }
};
template <class Offset>
struct basic_testrply {
  nlm4_stats stat{};
  basic_holder<Offset> holder;
  static constexpr void visit(auto& ar, auto& m) {
    ar.choose(m.stat, xdr::case_<nlm4_stats::NLM4_DENIED>(m.holder), xdr::otherwise());
  }
};
template <class Offset>
struct basic_testres {
  netobj cookie;
  basic_testrply<Offset> stat;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.stat); }
};

template <class Offset>
struct basic_lock {
  name caller_name;
  netobj fh;
  netobj oh;
  std::int32_t svid = 0;
  Offset l_offset = 0;
  Offset l_len = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.caller_name, m.fh, m.oh, m.svid, m.l_offset, m.l_len); }
};
template <class Offset>
struct basic_lockargs {
  netobj cookie;
  bool block = false;
  bool exclusive = false;
  basic_lock<Offset> alock;
  bool reclaim = false;
  std::int32_t state = 0;  // of the client's status monitor
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.block, m.exclusive, m.alock, m.reclaim, m.state); }
};
template <class Offset>
struct basic_cancargs {
  netobj cookie;
  bool block = false;
  bool exclusive = false;
  basic_lock<Offset> alock;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.block, m.exclusive, m.alock); }
};
template <class Offset>
struct basic_testargs {
  netobj cookie;
  bool exclusive = false;
  basic_lock<Offset> alock;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.exclusive, m.alock); }
};
template <class Offset>
struct basic_unlockargs {
  netobj cookie;
  basic_lock<Offset> alock;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.alock); }
};

using nlm_testres = basic_testres<std::uint32_t>;
using nlm_lockargs = basic_lockargs<std::uint32_t>;
using nlm_cancargs = basic_cancargs<std::uint32_t>;
using nlm_testargs = basic_testargs<std::uint32_t>;
using nlm_unlockargs = basic_unlockargs<std::uint32_t>;
using nlm4_lock = basic_lock<std::uint64_t>;
using nlm4_holder = basic_holder<std::uint64_t>;
using nlm4_testres = basic_testres<std::uint64_t>;
using nlm4_lockargs = basic_lockargs<std::uint64_t>;
using nlm4_cancargs = basic_cancargs<std::uint64_t>;
using nlm4_testargs = basic_testargs<std::uint64_t>;
using nlm4_unlockargs = basic_unlockargs<std::uint64_t>;

// What has no offset in it is the same in every version.

struct nlm4_res {
  netobj cookie;
  nlm4_stats stat{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.stat); }
};

enum class fsh4_mode : std::uint32_t { fsm_DN = 0, fsm_DR = 1, fsm_DW = 2, fsm_DRW = 3 };
enum class fsh4_access : std::uint32_t { fsa_NONE = 0, fsa_R = 1, fsa_W = 2, fsa_RW = 3 };

struct nlm4_share {
  name caller_name;
  netobj fh;
  netobj oh;
  fsh4_mode mode{};
  fsh4_access access{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.caller_name, m.fh, m.oh, m.mode, m.access); }
};
struct nlm4_shareargs {
  netobj cookie;
  nlm4_share share;
  bool reclaim = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.share, m.reclaim); }
};
struct nlm4_shareres {
  netobj cookie;
  nlm4_stats stat{};
  std::int32_t sequence = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cookie, m.stat, m.sequence); }
};
struct nlm4_notify {
  name caller;
  std::int32_t state = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.caller, m.state); }
};

}  // namespace ditto::nlm
