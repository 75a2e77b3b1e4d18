// The operations on holes and on the room that files take: ALLOCATE, DEALLOCATE, SEEK, READ_PLUS, IO_ADVISE (RFC 7862,
// 15). Data is linked, never copied. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/limits.hpp"
#include "nfs/v4/messages/result.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

// RFC 7862, 15.1 and 15.4.
struct ALLOCATE4args {
  stateid4 aa_stateid;
  offset4 aa_offset = 0;
  length4 aa_length = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.aa_stateid, m.aa_offset, m.aa_length); }
};
using ALLOCATE4res = status4res;
struct DEALLOCATE4args {
  stateid4 da_stateid;
  offset4 da_offset = 0;
  length4 da_length = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.da_stateid, m.da_offset, m.da_length); }
};
using DEALLOCATE4res = status4res;

// RFC 7862, 15.5.
struct IO_ADVISE4args {
  stateid4 iaa_stateid;
  offset4 iaa_offset = 0;
  length4 iaa_count = 0;
  bitmap4 iaa_hints;
  static constexpr void visit(auto& ar, auto& m) { ar(m.iaa_stateid, m.iaa_offset, m.iaa_count, m.iaa_hints); }
};
struct IO_ADVISE4resok {
  bitmap4 ior_hints;
  static constexpr void visit(auto& ar, auto& m) { ar(m.ior_hints); }
};
using IO_ADVISE4res = result4<IO_ADVISE4resok>;

// SEEK answers NFS4ERR_UNION_NOTSUPP to another number (RFC 7862, 11.1.1.1).
enum class data_content4 : std::uint32_t { NFS4_CONTENT_DATA = 0, NFS4_CONTENT_HOLE = 1 };

// RFC 7862, 15.10. Whoever has more pieces in his range asks again.
inline constexpr std::size_t max_contents = 64;
struct data4 {
  offset4 d_offset = 0;
  xdr::payload<limits::io_bytes> d_data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.d_offset, m.d_data); }
};
struct data_info4 {
  offset4 di_offset = 0;
  length4 di_length = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.di_offset, m.di_length); }
};
struct read_plus_content {
  data_content4 rpc_content{};
  data4 rpc_data;
  data_info4 rpc_hole;
  static constexpr void visit(auto& ar, auto& m) {
    using enum data_content4;
    ar.choose(m.rpc_content, xdr::case_<NFS4_CONTENT_DATA>(m.rpc_data), xdr::case_<NFS4_CONTENT_HOLE>(m.rpc_hole));
  }
};
struct READ_PLUS4args {
  stateid4 rpa_stateid;
  offset4 rpa_offset = 0;
  count4 rpa_count = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rpa_stateid, m.rpa_offset, m.rpa_count); }
};
struct read_plus_res4 {
  bool rpr_eof = false;
  xdr::array<read_plus_content, max_contents> rpr_contents;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rpr_eof, m.rpr_contents); }
};
using READ_PLUS4res = result4<read_plus_res4>;

// RFC 7862, 15.11.
struct SEEK4args {
  stateid4 sa_stateid;
  offset4 sa_offset = 0;
  data_content4 sa_what{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.sa_stateid, m.sa_offset, m.sa_what); }
};
struct seek_res4 {
  bool sr_eof = false;
  offset4 sr_offset = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.sr_eof, m.sr_offset); }
};
using SEEK4res = result4<seek_res4>;

}  // namespace ditto::nfs4
