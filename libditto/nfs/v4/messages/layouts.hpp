// The arguments of pNFS's operations (RFC 8881, 18.40 to 18.44; RFC 7862, 15.6 and 15.7), which Ditto does not serve:
// they are described so that a COMPOUND is decoded past them, and answered NFS4ERR_NOTSUPP, whose result is a
// status4res for each. Bodies that belong to a layout type stay opaque. Plain values; long fields lend the memory of
// the request that they were read from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "nfs/v4/opnum.hpp"
#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

/// Bodies of layouts that are decoded at all; the RFC sets no limit.
inline constexpr std::size_t layout_body_bytes = 65536;

// RFC 8881, 3.3.13 to 3.3.20. Layout types are registered as they come.
inline constexpr std::size_t NFS4_DEVICEID4_SIZE = 16;
using deviceid4 = xdr::fixed_opaque<NFS4_DEVICEID4_SIZE>;
enum class layouttype4 : std::uint32_t {
  LAYOUT4_NFSV4_1_FILES = 1,
  LAYOUT4_OSD2_OBJECTS = 2,
  LAYOUT4_BLOCK_VOLUME = 3
};
enum class layoutiomode4 : std::uint32_t { LAYOUTIOMODE4_READ = 1, LAYOUTIOMODE4_RW = 2, LAYOUTIOMODE4_ANY = 3 };
constexpr auto xdr_values(layoutiomode4) {
  using enum layoutiomode4;
  return std::array{LAYOUTIOMODE4_READ, LAYOUTIOMODE4_RW, LAYOUTIOMODE4_ANY};
}
struct layoutupdate4 {
  layouttype4 lou_type{};
  xdr::opaque<layout_body_bytes> lou_body;
  static constexpr void visit(auto& ar, auto& m) { ar(m.lou_type, m.lou_body); }
};

// RFC 8881, 18.40.
struct GETDEVICEINFO4args {
  deviceid4 gdia_device_id{};
  layouttype4 gdia_layout_type{};
  count4 gdia_maxcount = 0;
  bitmap4 gdia_notify_types;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.gdia_device_id, m.gdia_layout_type, m.gdia_maxcount, m.gdia_notify_types);
  }
};

// RFC 8881, 18.41.
struct GETDEVICELIST4args {
  layouttype4 gdla_layout_type{};
  count4 gdla_maxdevices = 0;
  nfs_cookie4 gdla_cookie = 0;
  verifier4 gdla_cookieverf{};
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.gdla_layout_type, m.gdla_maxdevices, m.gdla_cookie, m.gdla_cookieverf);
  }
};

// RFC 8881, 18.42. newoffset4 and newtime4 are a bool, and after TRUE the value.
struct LAYOUTCOMMIT4args {
  offset4 loca_offset = 0;
  length4 loca_length = 0;
  bool loca_reclaim = false;
  stateid4 loca_stateid;
  std::optional<offset4> loca_last_write_offset;
  std::optional<nfstime4> loca_time_modify;
  layoutupdate4 loca_layoutupdate;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.loca_offset, m.loca_length, m.loca_reclaim, m.loca_stateid, m.loca_last_write_offset, m.loca_time_modify,
       m.loca_layoutupdate);
  }
};

// RFC 8881, 18.43.
struct LAYOUTGET4args {
  bool loga_signal_layout_avail = false;
  layouttype4 loga_layout_type{};
  layoutiomode4 loga_iomode = layoutiomode4::LAYOUTIOMODE4_READ;
  offset4 loga_offset = 0;
  length4 loga_length = 0, loga_minlength = 0;
  stateid4 loga_stateid;
  count4 loga_maxcount = 0;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.loga_signal_layout_avail, m.loga_layout_type, m.loga_iomode, m.loga_offset, m.loga_length, m.loga_minlength,
       m.loga_stateid, m.loga_maxcount);
  }
};

// RFC 8881, 18.44.
enum class layoutreturn_type4 : std::uint32_t { LAYOUTRETURN4_FILE = 1, LAYOUTRETURN4_FSID = 2, LAYOUTRETURN4_ALL = 3 };
constexpr auto xdr_values(layoutreturn_type4) {
  using enum layoutreturn_type4;
  return std::array{LAYOUTRETURN4_FILE, LAYOUTRETURN4_FSID, LAYOUTRETURN4_ALL};
}
struct layoutreturn_file4 {
  offset4 lrf_offset = 0;
  length4 lrf_length = 0;
  stateid4 lrf_stateid;
  xdr::opaque<layout_body_bytes> lrf_body;
  static constexpr void visit(auto& ar, auto& m) { ar(m.lrf_offset, m.lrf_length, m.lrf_stateid, m.lrf_body); }
};
struct layoutreturn4 {
  layoutreturn_type4 lr_returntype = layoutreturn_type4::LAYOUTRETURN4_FILE;
  layoutreturn_file4 lr_layout;
  static constexpr void visit(auto& ar, auto& m) {
    ar.either(m.lr_returntype, layoutreturn_type4::LAYOUTRETURN4_FILE, m.lr_layout);
  }
};
struct LAYOUTRETURN4args {
  bool lora_reclaim = false;
  layouttype4 lora_layout_type{};
  layoutiomode4 lora_iomode = layoutiomode4::LAYOUTIOMODE4_READ;
  layoutreturn4 lora_layoutreturn;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.lora_reclaim, m.lora_layout_type, m.lora_iomode, m.lora_layoutreturn);
  }
};

// RFC 7862, 15.6.
inline constexpr std::size_t max_device_errors = 64;
struct device_error4 {
  deviceid4 de_deviceid{};
  nfsstat4 de_status{};
  nfs_opnum4 de_opnum{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.de_deviceid, m.de_status, m.de_opnum); }
};
struct LAYOUTERROR4args {
  offset4 lea_offset = 0;
  length4 lea_length = 0;
  stateid4 lea_stateid;
  xdr::array<device_error4, max_device_errors> lea_errors;
  static constexpr void visit(auto& ar, auto& m) { ar(m.lea_offset, m.lea_length, m.lea_stateid, m.lea_errors); }
};

// RFC 7862, 15.7.
struct io_info4 {
  std::uint64_t ii_count = 0, ii_bytes = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.ii_count, m.ii_bytes); }
};
struct LAYOUTSTATS4args {
  offset4 lsa_offset = 0;
  length4 lsa_length = 0;
  stateid4 lsa_stateid;
  io_info4 lsa_read, lsa_write;
  deviceid4 lsa_deviceid{};
  layoutupdate4 lsa_layoutupdate;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.lsa_offset, m.lsa_length, m.lsa_stateid, m.lsa_read, m.lsa_write, m.lsa_deviceid, m.lsa_layoutupdate);
  }
};

}  // namespace ditto::nfs4
