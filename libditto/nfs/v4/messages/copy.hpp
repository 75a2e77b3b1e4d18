// Copies that the server makes: COPY and CLONE, OFFLOAD_CANCEL and OFFLOAD_STATUS, and the arguments of COPY_NOTIFY and
// WRITE_SAME (RFC 7862, 15), which are not served: they are described so that a COMPOUND is decoded past them, and
// answered NFS4ERR_NOTSUPP, whose result is a status4res for each. Plain values; long fields lend the memory of the
// request that they were read from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/limits.hpp"
#include "nfs/v4/messages/file.hpp"
#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

/// Servers that a copy may come from; the RFC sets no limit.
inline constexpr std::size_t max_source_servers = 16;

// RFC 7863. Another type of address is NFS4ERR_BADXDR.
enum class netloc_type4 : std::uint32_t { NL4_NAME = 1, NL4_URL = 2, NL4_NETADDR = 3 };
constexpr auto xdr_values(netloc_type4) {
  return std::array{netloc_type4::NL4_NAME, netloc_type4::NL4_URL, netloc_type4::NL4_NETADDR};
}
struct netloc4 {
  netloc_type4 nl_type = netloc_type4::NL4_NAME;
  utf8str_cis nl_name;  // nl_url too
  netaddr4 nl_addr;
  static constexpr void visit(auto& ar, auto& m) {
    using enum netloc_type4;
    ar.choose(m.nl_type, xdr::case_<NL4_NAME, NL4_URL>(m.nl_name), xdr::case_<NL4_NETADDR>(m.nl_addr));
  }
};

// RFC 7862, 15.2.
struct COPY4args {
  stateid4 ca_src_stateid, ca_dst_stateid;
  offset4 ca_src_offset = 0, ca_dst_offset = 0;
  length4 ca_count = 0;
  bool ca_consecutive = false, ca_synchronous = false;
  xdr::array<netloc4, max_source_servers> ca_source_server;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.ca_src_stateid, m.ca_dst_stateid, m.ca_src_offset, m.ca_dst_offset, m.ca_count, m.ca_consecutive,
       m.ca_synchronous, m.ca_source_server);
  }
};

struct write_response4 {
  xdr::array<stateid4, 1> wr_callback_id;
  length4 wr_count = 0;
  stable_how4 wr_committed{};
  verifier4 wr_writeverf{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.wr_callback_id, m.wr_count, m.wr_committed, m.wr_writeverf); }
};
struct copy_requirements4 {
  bool cr_consecutive = false, cr_synchronous = false;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cr_consecutive, m.cr_synchronous); }
};
struct COPY4resok {
  write_response4 cr_response;
  copy_requirements4 cr_requirements;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cr_response, m.cr_requirements); }
};
// What would not be done as it was asked for is NFS4ERR_OFFLOAD_NO_REQS, with more to tell; that is never answered.
using COPY4res = result4<COPY4resok>;

// RFC 7862, 15.3.
struct COPY_NOTIFY4args {
  stateid4 cna_src_stateid;
  netloc4 cna_destination_server;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cna_src_stateid, m.cna_destination_server); }
};

// RFC 7862, 15.8 and 15.9.
struct OFFLOAD_CANCEL4args {
  stateid4 oca_stateid;
  static constexpr void visit(auto& ar, auto& m) { ar(m.oca_stateid); }
};
using OFFLOAD_CANCEL4res = status4res;
using OFFLOAD_STATUS4args = OFFLOAD_CANCEL4args;
struct OFFLOAD_STATUS4resok {
  length4 osr_count = 0;
  xdr::array<nfsstat4, 1> osr_complete;
  static constexpr void visit(auto& ar, auto& m) { ar(m.osr_count, m.osr_complete); }
};
using OFFLOAD_STATUS4res = result4<OFFLOAD_STATUS4resok>;

// RFC 7862, 15.12.
struct app_data_block4 {
  offset4 adb_offset = 0;
  length4 adb_block_size = 0, adb_block_count = 0, adb_reloff_blocknum = 0;
  count4 adb_block_num = 0;
  length4 adb_reloff_pattern = 0;
  xdr::opaque<limits::io_bytes> adb_pattern;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.adb_offset, m.adb_block_size, m.adb_block_count, m.adb_reloff_blocknum, m.adb_block_num, m.adb_reloff_pattern,
       m.adb_pattern);
  }
};
struct WRITE_SAME4args {
  stateid4 wsa_stateid;
  stable_how4 wsa_stable{};
  app_data_block4 wsa_adb;
  static constexpr void visit(auto& ar, auto& m) { ar(m.wsa_stateid, m.wsa_stable, m.wsa_adb); }
};

// RFC 7862, 15.13.
struct CLONE4args {
  stateid4 cl_src_stateid, cl_dst_stateid;
  offset4 cl_src_offset = 0, cl_dst_offset = 0;
  length4 cl_count = 0;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.cl_src_stateid, m.cl_dst_stateid, m.cl_src_offset, m.cl_dst_offset, m.cl_count);
  }
};
using CLONE4res = status4res;

}  // namespace ditto::nfs4
