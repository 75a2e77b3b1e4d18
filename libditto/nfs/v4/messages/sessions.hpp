// The operations of NFSv4.1's sessions: CREATE_SESSION, DESTROY_SESSION, BIND_CONN_TO_SESSION, BACKCHANNEL_CTL,
// SEQUENCE (RFC 8881, 18). How many slots there are is not said here. Plain values.
#pragma once

#include <array>
#include <cstdint>

#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/messages/security.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.33.
struct BACKCHANNEL_CTL4args {
  std::uint32_t bca_cb_program = 0;
  callback_sec_parms4_list bca_sec_parms;
  static constexpr void visit(auto& ar, auto& m) { ar(m.bca_cb_program, m.bca_sec_parms); }
};
using BACKCHANNEL_CTL4res = status4res;

// RFC 8881, 18.34.
enum class channel_dir_from_client4 : std::uint32_t {
  CDFC4_FORE = 0x1,
  CDFC4_BACK = 0x2,
  CDFC4_FORE_OR_BOTH = 0x3,
  CDFC4_BACK_OR_BOTH = 0x7,
};
constexpr auto xdr_values(channel_dir_from_client4) {
  using enum channel_dir_from_client4;
  return std::array{CDFC4_FORE, CDFC4_BACK, CDFC4_FORE_OR_BOTH, CDFC4_BACK_OR_BOTH};
}
enum class channel_dir_from_server4 : std::uint32_t { CDFS4_FORE = 0x1, CDFS4_BACK = 0x2, CDFS4_BOTH = 0x3 };
struct BIND_CONN_TO_SESSION4args {
  sessionid4 bctsa_sessid{};
  channel_dir_from_client4 bctsa_dir = channel_dir_from_client4::CDFC4_FORE;
  bool bctsa_use_conn_in_rdma_mode = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.bctsa_sessid, m.bctsa_dir, m.bctsa_use_conn_in_rdma_mode); }
};
struct BIND_CONN_TO_SESSION4resok {
  sessionid4 bctsr_sessid{};
  channel_dir_from_server4 bctsr_dir = channel_dir_from_server4::CDFS4_FORE;
  bool bctsr_use_conn_in_rdma_mode = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.bctsr_sessid, m.bctsr_dir, m.bctsr_use_conn_in_rdma_mode); }
};
using BIND_CONN_TO_SESSION4res = result4<BIND_CONN_TO_SESSION4resok>;

// RFC 8881, 18.36.
inline constexpr std::uint32_t CREATE_SESSION4_FLAG_PERSIST = 0x1, CREATE_SESSION4_FLAG_CONN_BACK_CHAN = 0x2,
                               CREATE_SESSION4_FLAG_CONN_RDMA = 0x4;
struct channel_attrs4 {
  count4 ca_headerpadsize = 0, ca_maxrequestsize = 0, ca_maxresponsesize = 0, ca_maxresponsesize_cached = 0,
         ca_maxoperations = 0, ca_maxrequests = 0;
  xdr::array<std::uint32_t, 1> ca_rdma_ird;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.ca_headerpadsize, m.ca_maxrequestsize, m.ca_maxresponsesize, m.ca_maxresponsesize_cached, m.ca_maxoperations,
       m.ca_maxrequests, m.ca_rdma_ird);
  }
};
struct CREATE_SESSION4args {
  clientid4 csa_clientid = 0;
  sequenceid4 csa_sequence = 0;
  std::uint32_t csa_flags = 0;
  channel_attrs4 csa_fore_chan_attrs, csa_back_chan_attrs;
  std::uint32_t csa_cb_program = 0;
  callback_sec_parms4_list csa_sec_parms;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.csa_clientid, m.csa_sequence, m.csa_flags, m.csa_fore_chan_attrs, m.csa_back_chan_attrs, m.csa_cb_program,
       m.csa_sec_parms);
  }
};
struct CREATE_SESSION4resok {
  sessionid4 csr_sessionid{};
  sequenceid4 csr_sequence = 0;
  std::uint32_t csr_flags = 0;
  channel_attrs4 csr_fore_chan_attrs, csr_back_chan_attrs;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.csr_sessionid, m.csr_sequence, m.csr_flags, m.csr_fore_chan_attrs, m.csr_back_chan_attrs);
  }
};
using CREATE_SESSION4res = result4<CREATE_SESSION4resok>;

// RFC 8881, 18.37.
struct DESTROY_SESSION4args {
  sessionid4 dsa_sessionid{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.dsa_sessionid); }
};
using DESTROY_SESSION4res = status4res;

// RFC 8881, 18.46.
inline constexpr std::uint32_t SEQ4_STATUS_CB_PATH_DOWN = 0x00000001, SEQ4_STATUS_CB_GSS_CONTEXTS_EXPIRING = 0x00000002,
                               SEQ4_STATUS_CB_GSS_CONTEXTS_EXPIRED = 0x00000004,
                               SEQ4_STATUS_EXPIRED_ALL_STATE_REVOKED = 0x00000008,
                               SEQ4_STATUS_EXPIRED_SOME_STATE_REVOKED = 0x00000010,
                               SEQ4_STATUS_ADMIN_STATE_REVOKED = 0x00000020,
                               SEQ4_STATUS_RECALLABLE_STATE_REVOKED = 0x00000040, SEQ4_STATUS_LEASE_MOVED = 0x00000080,
                               SEQ4_STATUS_RESTART_RECLAIM_NEEDED = 0x00000100,
                               SEQ4_STATUS_CB_PATH_DOWN_SESSION = 0x00000200,
                               SEQ4_STATUS_BACKCHANNEL_FAULT = 0x00000400, SEQ4_STATUS_DEVID_CHANGED = 0x00000800,
                               SEQ4_STATUS_DEVID_DELETED = 0x00001000;
struct SEQUENCE4args {
  sessionid4 sa_sessionid{};
  sequenceid4 sa_sequenceid = 0;
  slotid4 sa_slotid = 0, sa_highest_slotid = 0;
  bool sa_cachethis = false;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.sa_sessionid, m.sa_sequenceid, m.sa_slotid, m.sa_highest_slotid, m.sa_cachethis);
  }
};
struct SEQUENCE4resok {
  sessionid4 sr_sessionid{};
  sequenceid4 sr_sequenceid = 0;
  slotid4 sr_slotid = 0, sr_highest_slotid = 0, sr_target_highest_slotid = 0;
  std::uint32_t sr_status_flags = 0;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.sr_sessionid, m.sr_sequenceid, m.sr_slotid, m.sr_highest_slotid, m.sr_target_highest_slotid,
       m.sr_status_flags);
  }
};
using SEQUENCE4res = result4<SEQUENCE4resok>;

}  // namespace ditto::nfs4
