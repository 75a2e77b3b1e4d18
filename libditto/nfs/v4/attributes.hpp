// The attributes of files in NFSv4: their numbers for all minor versions (RFC 7530, 5.6 and 5.7; RFC 8881, 5.6 and 5.7;
// RFC 7862, 12; RFC 8275; RFC 8276), and the types of those values that are more than a number, a bool or a string. No
// attribute is encoded here, and none of pNFS's and of the replicas of a file system is described, because Ditto has
// neither. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "nfs/v4/types.hpp"

namespace ditto::nfs4 {

/// Elements that are decoded at all in the values of attributes, where the RFCs set no limit.
inline constexpr std::size_t max_aces = 1024, max_fs_locations = 16, max_fs_servers = 16, label_bytes = 4096;

/// Bits of a bitmap4.
enum fattr4_number : std::uint32_t {
  FATTR4_SUPPORTED_ATTRS = 0,
  FATTR4_TYPE = 1,
  FATTR4_FH_EXPIRE_TYPE = 2,
  FATTR4_CHANGE = 3,
  FATTR4_SIZE = 4,
  FATTR4_LINK_SUPPORT = 5,
  FATTR4_SYMLINK_SUPPORT = 6,
  FATTR4_NAMED_ATTR = 7,
  FATTR4_FSID = 8,
  FATTR4_UNIQUE_HANDLES = 9,
  FATTR4_LEASE_TIME = 10,
  FATTR4_RDATTR_ERROR = 11,
  FATTR4_ACL = 12,
  FATTR4_ACLSUPPORT = 13,
  FATTR4_ARCHIVE = 14,
  FATTR4_CANSETTIME = 15,
  FATTR4_CASE_INSENSITIVE = 16,
  FATTR4_CASE_PRESERVING = 17,
  FATTR4_CHOWN_RESTRICTED = 18,
  FATTR4_FILEHANDLE = 19,
  FATTR4_FILEID = 20,
  FATTR4_FILES_AVAIL = 21,
  FATTR4_FILES_FREE = 22,
  FATTR4_FILES_TOTAL = 23,
  FATTR4_FS_LOCATIONS = 24,
  FATTR4_HIDDEN = 25,
  FATTR4_HOMOGENEOUS = 26,
  FATTR4_MAXFILESIZE = 27,
  FATTR4_MAXLINK = 28,
  FATTR4_MAXNAME = 29,
  FATTR4_MAXREAD = 30,
  FATTR4_MAXWRITE = 31,
  FATTR4_MIMETYPE = 32,
  FATTR4_MODE = 33,
  FATTR4_NO_TRUNC = 34,
  FATTR4_NUMLINKS = 35,
  FATTR4_OWNER = 36,
  FATTR4_OWNER_GROUP = 37,
  FATTR4_QUOTA_AVAIL_HARD = 38,
  FATTR4_QUOTA_AVAIL_SOFT = 39,
  FATTR4_QUOTA_USED = 40,
  FATTR4_RAWDEV = 41,
  FATTR4_SPACE_AVAIL = 42,
  FATTR4_SPACE_FREE = 43,
  FATTR4_SPACE_TOTAL = 44,
  FATTR4_SPACE_USED = 45,
  FATTR4_SYSTEM = 46,
  FATTR4_TIME_ACCESS = 47,
  FATTR4_TIME_ACCESS_SET = 48,
  FATTR4_TIME_BACKUP = 49,
  FATTR4_TIME_CREATE = 50,
  FATTR4_TIME_DELTA = 51,
  FATTR4_TIME_METADATA = 52,
  FATTR4_TIME_MODIFY = 53,
  FATTR4_TIME_MODIFY_SET = 54,
  FATTR4_MOUNTED_ON_FILEID = 55,

  // NFSv4.1.
  FATTR4_DIR_NOTIF_DELAY = 56,
  FATTR4_DIRENT_NOTIF_DELAY = 57,
  FATTR4_DACL = 58,
  FATTR4_SACL = 59,
  FATTR4_CHANGE_POLICY = 60,
  FATTR4_FS_STATUS = 61,
  FATTR4_FS_LAYOUT_TYPES = 62,
  FATTR4_LAYOUT_HINT = 63,
  FATTR4_LAYOUT_TYPES = 64,
  FATTR4_LAYOUT_BLKSIZE = 65,
  FATTR4_LAYOUT_ALIGNMENT = 66,
  FATTR4_FS_LOCATIONS_INFO = 67,
  FATTR4_MDSTHRESHOLD = 68,
  FATTR4_RETENTION_GET = 69,
  FATTR4_RETENTION_SET = 70,
  FATTR4_RETENTEVT_GET = 71,
  FATTR4_RETENTEVT_SET = 72,
  FATTR4_RETENTION_HOLD = 73,
  FATTR4_MODE_SET_MASKED = 74,
  FATTR4_SUPPATTR_EXCLCREAT = 75,
  FATTR4_FS_CHARSET_CAP = 76,

  // NFSv4.2, RFC 8275 (mode_umask), RFC 8276 (xattr_support) and RFC 9754 (open_arguments).
  FATTR4_CLONE_BLKSIZE = 77,
  FATTR4_SPACE_FREED = 78,
  FATTR4_CHANGE_ATTR_TYPE = 79,
  FATTR4_SEC_LABEL = 80,
  FATTR4_MODE_UMASK = 81,
  FATTR4_XATTR_SUPPORT = 82,
  FATTR4_OPEN_ARGUMENTS = 86,
};

// The values of fh_expire_type (RFC 8881, 4.2.3).
inline constexpr std::uint32_t FH4_PERSISTENT = 0x0, FH4_NOEXPIRE_WITH_OPEN = 0x1, FH4_VOLATILE_ANY = 0x2,
                               FH4_VOL_MIGRATION = 0x4, FH4_VOL_RENAME = 0x8;

// RFC 8881, 3.3.2 and 3.3.3.
enum class time_how4 : std::uint32_t { SET_TO_SERVER_TIME4 = 0, SET_TO_CLIENT_TIME4 = 1 };
constexpr auto xdr_values(time_how4) {
  return std::array{time_how4::SET_TO_SERVER_TIME4, time_how4::SET_TO_CLIENT_TIME4};
}
struct settime4 {
  time_how4 set_it{};
  nfstime4 time;
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.set_it, time_how4::SET_TO_CLIENT_TIME4, m.time); }
};

// RFC 8881, 3.3.5.
struct fsid4 {
  std::uint64_t major = 0, minor = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.major, m.minor); }
  friend bool operator==(const fsid4&, const fsid4&) = default;
};

// RFC 8881, 3.3.6.
struct change_policy4 {
  std::uint64_t cp_major = 0, cp_minor = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.cp_major, m.cp_minor); }
};

// RFC 8881, 6.2.4.
inline constexpr mode4 MODE4_SUID = 0x800, MODE4_SGID = 0x400, MODE4_SVTX = 0x200, MODE4_RUSR = 0x100,
                       MODE4_WUSR = 0x080, MODE4_XUSR = 0x040, MODE4_RGRP = 0x020, MODE4_WGRP = 0x010,
                       MODE4_XGRP = 0x008, MODE4_ROTH = 0x004, MODE4_WOTH = 0x002, MODE4_XOTH = 0x001;

// RFC 8881, 6.2.5.
struct mode_masked4 {
  mode4 mm_value_to_set = 0, mm_mask_bits = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.mm_value_to_set, m.mm_mask_bits); }
};

// RFC 8275.
struct mode_umask4 {
  mode4 mu_mode = 0, mu_umask = 0;
  static constexpr void visit(auto& ar, auto& m) { ar(m.mu_mode, m.mu_umask); }
};

// RFC 9754. In each a bit for what OPEN takes there.
struct open_arguments4 {
  bitmap4 oa_share_access, oa_share_deny, oa_share_access_want, oa_open_claim, oa_create_mode;
  static constexpr void visit(auto& ar, auto& m) {
    ar(m.oa_share_access, m.oa_share_deny, m.oa_share_access_want, m.oa_open_claim, m.oa_create_mode);
  }
};

// RFC 8881, 6.2.1.1 to 6.2.1.5.
using acetype4 = std::uint32_t;
using aceflag4 = std::uint32_t;
using acemask4 = std::uint32_t;
inline constexpr acetype4 ACE4_ACCESS_ALLOWED_ACE_TYPE = 0, ACE4_ACCESS_DENIED_ACE_TYPE = 1,
                          ACE4_SYSTEM_AUDIT_ACE_TYPE = 2, ACE4_SYSTEM_ALARM_ACE_TYPE = 3;
inline constexpr std::uint32_t ACL4_SUPPORT_ALLOW_ACL = 0x1, ACL4_SUPPORT_DENY_ACL = 0x2, ACL4_SUPPORT_AUDIT_ACL = 0x4,
                               ACL4_SUPPORT_ALARM_ACL = 0x8;
inline constexpr acemask4 ACE4_READ_DATA = 0x00000001, ACE4_LIST_DIRECTORY = 0x00000001, ACE4_WRITE_DATA = 0x00000002,
                          ACE4_ADD_FILE = 0x00000002, ACE4_APPEND_DATA = 0x00000004, ACE4_ADD_SUBDIRECTORY = 0x00000004,
                          ACE4_READ_NAMED_ATTRS = 0x00000008, ACE4_WRITE_NAMED_ATTRS = 0x00000010,
                          ACE4_EXECUTE = 0x00000020, ACE4_DELETE_CHILD = 0x00000040, ACE4_READ_ATTRIBUTES = 0x00000080,
                          ACE4_WRITE_ATTRIBUTES = 0x00000100, ACE4_WRITE_RETENTION = 0x00000200,
                          ACE4_WRITE_RETENTION_HOLD = 0x00000400, ACE4_DELETE = 0x00010000, ACE4_READ_ACL = 0x00020000,
                          ACE4_WRITE_ACL = 0x00040000, ACE4_WRITE_OWNER = 0x00080000, ACE4_SYNCHRONIZE = 0x00100000;
inline constexpr acemask4 ACE4_GENERIC_READ = 0x00120081, ACE4_GENERIC_WRITE = 0x00160106,
                          ACE4_GENERIC_EXECUTE = 0x001200a0;
inline constexpr aceflag4 ACE4_FILE_INHERIT_ACE = 0x01, ACE4_DIRECTORY_INHERIT_ACE = 0x02,
                          ACE4_NO_PROPAGATE_INHERIT_ACE = 0x04, ACE4_INHERIT_ONLY_ACE = 0x08,
                          ACE4_SUCCESSFUL_ACCESS_ACE_FLAG = 0x10, ACE4_FAILED_ACCESS_ACE_FLAG = 0x20,
                          ACE4_IDENTIFIER_GROUP = 0x40, ACE4_INHERITED_ACE = 0x80;

struct nfsace4 {
  acetype4 type = 0;
  aceflag4 flag = 0;
  acemask4 access_mask = 0;
  utf8str_mixed who;
  static constexpr void visit(auto& ar, auto& m) { ar(m.type, m.flag, m.access_mask, m.who); }
};
using fattr4_acl = xdr::array<nfsace4, max_aces>;

// RFC 8881, 6.2.2 and 6.2.3: the values of dacl and sacl.
using aclflag4 = std::uint32_t;
inline constexpr aclflag4 ACL4_AUTO_INHERIT = 0x1, ACL4_PROTECTED = 0x2, ACL4_DEFAULTED = 0x4;
struct nfsacl41 {
  aclflag4 na41_flag = 0;
  fattr4_acl na41_aces;
  static constexpr void visit(auto& ar, auto& m) { ar(m.na41_flag, m.na41_aces); }
};

// RFC 7531; RFC 8881, 5.8.2.12.
struct fs_location4 {
  xdr::array<utf8str_cis, max_fs_servers> server;
  pathname4 rootpath;
  static constexpr void visit(auto& ar, auto& m) { ar(m.server, m.rootpath); }
};
struct fs_locations4 {
  pathname4 fs_root;
  xdr::array<fs_location4, max_fs_locations> locations;
  static constexpr void visit(auto& ar, auto& m) { ar(m.fs_root, m.locations); }
};

// RFC 8881, 5.13.
struct retention_get4 {
  std::uint64_t rg_duration = 0;
  xdr::array<nfstime4, 1> rg_begin_time;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rg_duration, m.rg_begin_time); }
};
struct retention_set4 {
  bool rs_enable = false;
  xdr::array<std::uint64_t, 1> rs_duration;
  static constexpr void visit(auto& ar, auto& m) { ar(m.rs_enable, m.rs_duration); }
};

// RFC 8881, 14.4.
using fs_charset_cap4 = std::uint32_t;
inline constexpr fs_charset_cap4 FSCHARSET_CAP4_CONTAINS_NON_UTF8 = 0x1, FSCHARSET_CAP4_ALLOWS_ONLY_UTF8 = 0x2;

// RFC 7862, 12.2.3.
enum class change_attr_type4 : std::uint32_t {
  NFS4_CHANGE_TYPE_IS_MONOTONIC_INCR = 0,
  NFS4_CHANGE_TYPE_IS_VERSION_COUNTER = 1,
  NFS4_CHANGE_TYPE_IS_VERSION_COUNTER_NOPNFS = 2,
  NFS4_CHANGE_TYPE_IS_TIME_METADATA = 3,
  NFS4_CHANGE_TYPE_IS_UNDEFINED = 4,
};

// RFC 7862, 12.2.4.
struct sec_label4 {
  std::uint32_t lfs_lfs = 0, lfs_pi = 0;  // labelformat_spec4
  xdr::opaque<label_bytes> slai_data;
  static constexpr void visit(auto& ar, auto& m) { ar(m.lfs_lfs, m.lfs_pi, m.slai_data); }
};

}  // namespace ditto::nfs4
