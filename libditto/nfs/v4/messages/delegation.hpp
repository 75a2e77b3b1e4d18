// Delegations as OPEN, WANT_DELEGATION and CB_PUSH_DELEG grant them (RFC 7530, 16.16; RFC 8881, 18.16), and the
// operations that want, return and purge them: GET_DIR_DELEGATION, WANT_DELEGATION, DELEGRETURN, DELEGPURGE. Recalls
// are in callback.hpp. Plain values.
#pragma once

#include <array>
#include <cstdint>

#include "nfs/v4/attributes.hpp"
#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.16. NONE_EXT is NFSv4.1's.
enum class open_delegation_type4 : std::uint32_t {
  OPEN_DELEGATE_NONE = 0,
  OPEN_DELEGATE_READ = 1,
  OPEN_DELEGATE_WRITE = 2,
  OPEN_DELEGATE_NONE_EXT = 3,
};
constexpr auto xdr_values(open_delegation_type4) {
  using enum open_delegation_type4;
  return std::array{OPEN_DELEGATE_NONE, OPEN_DELEGATE_READ, OPEN_DELEGATE_WRITE, OPEN_DELEGATE_NONE_EXT};
}

struct open_read_delegation4 {
  stateid4 stateid;
  bool recall = false;
  nfsace4 permissions;
  static constexpr void visit(auto& ar, auto& m) { ar(m.stateid, m.recall, m.permissions); }
};

enum class limit_by4 : std::uint32_t { NFS_LIMIT_SIZE = 1, NFS_LIMIT_BLOCKS = 2 };
struct nfs_modified_limit4 {
  std::uint32_t num_blocks = 0, bytes_per_block = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.num_blocks, m.bytes_per_block); }
};
struct nfs_space_limit4 {
  limit_by4 limitby = limit_by4::NFS_LIMIT_SIZE;
  std::uint64_t filesize = 0;
  nfs_modified_limit4 mod_blocks;
  static constexpr void visit(auto& ar, auto& m) {
    using enum limit_by4;
    ar.choose(m.limitby, xdr::case_<NFS_LIMIT_SIZE>(m.filesize), xdr::case_<NFS_LIMIT_BLOCKS>(m.mod_blocks));
  }
};
struct open_write_delegation4 {
  stateid4 stateid;
  bool recall = false;
  nfs_space_limit4 space_limit;
  nfsace4 permissions;
  static constexpr void visit(auto& ar, auto& m) { ar(m.stateid, m.recall, m.space_limit, m.permissions); }
};

enum class why_no_delegation4 : std::uint32_t {
  WND4_NOT_WANTED = 0,
  WND4_CONTENTION = 1,
  WND4_RESOURCE = 2,
  WND4_NOT_SUPP_FTYPE = 3,
  WND4_WRITE_DELEG_NOT_SUPP_FTYPE = 4,
  WND4_NOT_SUPP_UPGRADE = 5,
  WND4_NOT_SUPP_DOWNGRADE = 6,
  WND4_CANCELLED = 7,
  WND4_IS_DIR = 8,
};
struct open_none_delegation4 {
  why_no_delegation4 ond_why{};
  bool ond_server_will_push_deleg = false;
  bool ond_server_will_signal_avail = false;
  static constexpr void visit(auto& ar, auto& m) {
    using enum why_no_delegation4;
    ar.choose(m.ond_why, xdr::case_<WND4_CONTENTION>(m.ond_server_will_push_deleg),
              xdr::case_<WND4_RESOURCE>(m.ond_server_will_signal_avail), xdr::otherwise());
  }
};

struct open_delegation4 {
  open_delegation_type4 delegation_type{};
  open_read_delegation4 read;
  open_write_delegation4 write;
  open_none_delegation4 od_whynone;
  static constexpr void visit(auto& ar, auto& m) {
    using enum open_delegation_type4;
    ar.choose(m.delegation_type, xdr::case_<OPEN_DELEGATE_NONE>(), xdr::case_<OPEN_DELEGATE_READ>(m.read),
              xdr::case_<OPEN_DELEGATE_WRITE>(m.write), xdr::case_<OPEN_DELEGATE_NONE_EXT>(m.od_whynone));
  }
};

// RFC 8881, 18.5 and 18.6.
struct DELEGPURGE4args {
  clientid4 clientid = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.clientid); }
};
using DELEGPURGE4res = status4res;
struct DELEGRETURN4args {
  stateid4 deleg_stateid;
  static constexpr void visit(auto& ar, auto& m) { ar(m.deleg_stateid); }
};
using DELEGRETURN4res = status4res;

// RFC 8881, 18.39.
using attr_notice4 = nfstime4;
struct GET_DIR_DELEGATION4args {
  bool gdda_signal_deleg_avail = false;
  bitmap4 gdda_notification_types;
  attr_notice4 gdda_child_attr_delay, gdda_dir_attr_delay;
  bitmap4 gdda_child_attributes, gdda_dir_attributes;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.gdda_signal_deleg_avail, m.gdda_notification_types, m.gdda_child_attr_delay, m.gdda_dir_attr_delay,
       m.gdda_child_attributes, m.gdda_dir_attributes);
  }
};
struct GET_DIR_DELEGATION4resok {
  verifier4 gddr_cookieverf{};
  stateid4 gddr_stateid;
  bitmap4 gddr_notification, gddr_child_attributes, gddr_dir_attributes;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.gddr_cookieverf, m.gddr_stateid, m.gddr_notification, m.gddr_child_attributes, m.gddr_dir_attributes);
  }
};
enum class gddrnf4_status : std::uint32_t { GDD4_OK = 0, GDD4_UNAVAIL = 1 };
struct GET_DIR_DELEGATION4res_non_fatal {
  gddrnf4_status gddrnf_status{};
  GET_DIR_DELEGATION4resok gddrnf_resok4;
  bool gddrnf_will_signal_deleg_avail = false;
  static constexpr void visit(auto& ar, auto& m) {
    using enum gddrnf4_status;
    ar.choose(m.gddrnf_status, xdr::case_<GDD4_OK>(m.gddrnf_resok4),
              xdr::case_<GDD4_UNAVAIL>(m.gddrnf_will_signal_deleg_avail));
  }
};
using GET_DIR_DELEGATION4res = result4<GET_DIR_DELEGATION4res_non_fatal>;

}  // namespace ditto::nfs4
