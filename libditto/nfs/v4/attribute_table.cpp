#include "nfs/v4/attribute_table.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "nfs/common/fsid.hpp"
#include "nfs/v4/acl.hpp"
#include "nfs/v4/messages/open.hpp"
#include "nfs/v4/pseudo_root.hpp"
#include "vfs/acl/mode.hpp"
#include "vfs/acl/parts.hpp"
#include "wire/xdr.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using Set = vfs::SetAttributes;

struct Attribute {
  using Get = void (*)(xdr::Writer& values, const Subject& subject);
  using Put = nfsstat4 (*)(xdr::Reader& values, const Service& service, Set& changes);

  fattr4_number number;
  std::uint32_t since;  // minor version
  Get get = nullptr;    // null: it can only be set
  Put put = nullptr;    // null: it cannot be set
};

nfs_ftype4 type_of(const vfs::Attributes& attributes) noexcept {
  switch (attributes.role) {
    case vfs::NodeRole::InTree: break;
    case vfs::NodeRole::StreamDirectory: return nfs_ftype4::NF4ATTRDIR;
    case vfs::NodeRole::Stream: return nfs_ftype4::NF4NAMEDATTR;
  }
  switch (attributes.type) {
    case vfs::FileType::Regular: return nfs_ftype4::NF4REG;
    case vfs::FileType::Directory: return nfs_ftype4::NF4DIR;
    case vfs::FileType::Symlink: return nfs_ftype4::NF4LNK;
    case vfs::FileType::BlockDevice: return nfs_ftype4::NF4BLK;
    case vfs::FileType::CharDevice: return nfs_ftype4::NF4CHR;
    case vfs::FileType::Fifo: return nfs_ftype4::NF4FIFO;
    case vfs::FileType::Socket: return nfs_ftype4::NF4SOCK;
  }
  return nfs_ftype4::NF4REG;
}

nfstime4 time_of(const Timestamp& time) noexcept { return {time.seconds, time.nanoseconds}; }

constexpr mode4 permission_bits = 0777;
constexpr std::uint32_t nanoseconds_per_second = 1'000'000'000;

vfs::FileSystemLimits limits_of(const Subject& subject) noexcept {
  if (!subject.place.is_pseudo_root()) return subject.place.share->file_system().limits();
  return {.link_max = 1, .file_size_max = 0};
}

fsid4 fsid_of(const Subject& subject) noexcept {
  if (subject.place.is_pseudo_root()) return {};
  return {.major = nfs::fsid_of(subject.attributes, *subject.place.share)};
}

/// What a share's root covers is its name in the pseudo root (RFC 8881, 5.8.2.23).
std::uint64_t mounted_on(const Subject& subject) noexcept {
  if (subject.place.is_share_root()) return pseudo_root::fileid_of(*subject.place.share);
  return subject.attributes.id.inode;
}

template <IdMap::Kind kind>
void put_principal(xdr::Writer& values, const Subject& subject, const vfs::Principal& principal) {
  std::array<char, IdMap::name_bytes> room;
  const bool has_id = principal.kind == vfs::Principal::Kind::Id;
  values(utf8string::lend(has_id ? subject.service.ids.name_of(kind, principal.value, room) : nobody_name));
}

template <IdMap::Kind kind>
nfsstat4 take_principal(xdr::Reader& values, const Service& service, std::optional<vfs::Principal>& principal) {
  utf8string name;
  values(name);
  if (!values.ok()) return NFS4ERR_BADXDR;
  if (name.view().empty() || !is_utf8(name.view())) return NFS4ERR_INVAL;
  const auto id = service.ids.id_of(kind, name.view());
  if (!id) return id.error() == IdMap::Missing::NotYet ? NFS4ERR_DELAY : NFS4ERR_BADOWNER;
  principal = vfs::Principal::id(*id);
  return NFS4_OK;
}

nfsstat4 take_size(xdr::Reader& values, const Service&, Set& changes) {
  std::uint64_t size = 0;
  values(size);
  changes.size = size;
  return size > limits::file_size ? NFS4ERR_FBIG : NFS4_OK;
}

nfsstat4 take_mode(xdr::Reader& values, const Service&, Set& changes) {
  mode4 mode = 0;
  values(mode);
  changes.mode = mode;
  return (mode & ~vfs::mode::all) == 0 ? NFS4_OK : NFS4ERR_INVAL;  // RFC 8881, 6.2.4
}

// RFC 8881, 6.2.5.
nfsstat4 take_mode_masked(xdr::Reader& values, const Service&, Set& changes) {
  mode_masked4 masked;
  values(masked);
  const bool twice = changes.mode.has_value();
  changes.mode = masked.mm_value_to_set;
  changes.mode_mask = masked.mm_mask_bits;
  return !twice && ((masked.mm_value_to_set | masked.mm_mask_bits) & ~vfs::mode::all) == 0 ? NFS4_OK : NFS4ERR_INVAL;
}

// RFC 8275.
nfsstat4 take_mode_umask(xdr::Reader& values, const Service&, Set& changes) {
  mode_umask4 both;
  values(both);
  const bool twice = changes.mode.has_value();
  changes.mode = both.mu_mode;
  changes.umask = both.mu_umask;
  return !twice && (both.mu_mode & ~vfs::mode::all) == 0 && (both.mu_umask & ~permission_bits) == 0 ? NFS4_OK
                                                                                                    : NFS4ERR_INVAL;
}

/// acl is both of the others, and not set beside them (RFC 8881, 6.4.1).
nfsstat4 take_list(const nfsacl41& given, vfs::AclParts parts, const Service& service, Set& changes) {
  auto list = list_of(given.na41_aces, parts, service.ids);
  if (!list) return list.error();
  if (parts == vfs::AclParts::Dacl) list->dacl = static_cast<vfs::AclFlags>(given.na41_flag);
  if (parts == vfs::AclParts::Sacl) list->sacl = static_cast<vfs::AclFlags>(given.na41_flag);
  if (changes.acl) {
    if (parts == vfs::AclParts::Both || changes.acl_parts == vfs::AclParts::Both) return NFS4ERR_ATTRNOTSUPP;
    list = vfs::with_part(*changes.acl, *list, parts);
    parts = vfs::AclParts::Both;
  }
  changes.acl = std::make_shared<const vfs::Acl>(*std::move(list));
  changes.acl_parts = parts;
  return NFS4_OK;
}

nfsstat4 take_acl(xdr::Reader& values, const Service& service, Set& changes) {
  nfsacl41 given;
  values(given.na41_aces);
  return values.ok() ? take_list(given, vfs::AclParts::Both, service, changes) : NFS4ERR_BADXDR;
}

template <vfs::AclParts parts>
nfsstat4 take_part(xdr::Reader& values, const Service& service, Set& changes) {
  constexpr aclflag4 known = ACL4_AUTO_INHERIT | ACL4_PROTECTED | ACL4_DEFAULTED;
  nfsacl41 given;
  values(given);
  if (!values.ok()) return NFS4ERR_BADXDR;
  return (given.na41_flag & ~known) == 0 ? take_list(given, parts, service, changes) : NFS4ERR_INVAL;
}

/// A node without a list shows the one that its mode means (RFC 8881, 6.4.2), as one that nobody chose.
void put_list(xdr::Writer& values, const Subject& subject, vfs::AclParts parts) {
  const vfs::Attributes& a = subject.attributes;
  const vfs::Acl of_mode = subject.acl ? vfs::Acl{} : vfs::acl_of(a.mode, a.type);
  const vfs::Acl& acl = subject.acl ? *subject.acl : of_mode;
  if (parts == vfs::AclParts::Dacl) values(static_cast<aclflag4>(acl.dacl));
  if (parts == vfs::AclParts::Sacl) values(static_cast<aclflag4>(acl.sacl));
  put_aces(values, acl, parts, subject.service.ids);
}

nfsstat4 take_time(xdr::Reader& values, std::optional<vfs::SetTime>& time) {
  settime4 how;
  values(how);
  time = vfs::SetTime{.server_time = how.set_it == time_how4::SET_TO_SERVER_TIME4,
                      .value = {how.time.seconds, how.time.nseconds}};
  return how.time.nseconds < nanoseconds_per_second ? NFS4_OK : NFS4ERR_INVAL;
}

nfsstat4 take_birth_time(xdr::Reader& values, const Service&, Set& changes) {
  nfstime4 time;
  values(time);
  changes.birth_time = Timestamp{time.seconds, time.nseconds};
  return time.nseconds < nanoseconds_per_second ? NFS4_OK : NFS4ERR_INVAL;
}

/// A restart skips numbers; the pseudo root's is none that grows.
change_attr_type4 change_type_of(const Subject& subject) noexcept {
  return subject.place.is_pseudo_root() ? change_attr_type4::NFS4_CHANGE_TYPE_IS_UNDEFINED
                                        : change_attr_type4::NFS4_CHANGE_TYPE_IS_MONOTONIC_INCR;
}

/// What removing the name that it was found by gives back.
length4 space_freed_of(const vfs::Attributes& attributes) noexcept {
  return attributes.link_count > 1 && attributes.type != vfs::FileType::Directory ? 0 : attributes.space_used;
}

template <class... Number>
bitmap4 bits(Number... numbers) {
  bitmap4 made;
  (made.set(static_cast<std::uint32_t>(numbers)), ...);
  return made;
}

/// Wants by their numbers, without the two that ask for an answer later; and no delegation of attributes.
open_arguments4 open_takes() {
  using enum open_claim_type4;
  using enum createmode4;
  return {.oa_share_access = bits(OPEN4_SHARE_ACCESS_READ, OPEN4_SHARE_ACCESS_WRITE, OPEN4_SHARE_ACCESS_BOTH),
          .oa_share_deny =
              bits(OPEN4_SHARE_DENY_NONE, OPEN4_SHARE_DENY_READ, OPEN4_SHARE_DENY_WRITE, OPEN4_SHARE_DENY_BOTH),
          .oa_share_access_want = bits(OPEN4_SHARE_ACCESS_WANT_ANY_DELEG >> 8, OPEN4_SHARE_ACCESS_WANT_NO_DELEG >> 8,
                                       OPEN4_SHARE_ACCESS_WANT_CANCEL >> 8),
          .oa_open_claim = bits(CLAIM_NULL, CLAIM_PREVIOUS, CLAIM_DELEGATE_CUR, CLAIM_FH, CLAIM_DELEG_CUR_FH),
          .oa_create_mode = bits(UNCHECKED4, GUARDED4, EXCLUSIVE4, EXCLUSIVE4_1)};
}

bool has_xattrs(const Subject& subject) noexcept {
  return limits_of(subject).xattrs && subject.attributes.role == vfs::NodeRole::InTree;
}

bitmap4 bits_of(bool (*has)(const Attribute&), std::uint32_t minor);

bool is_for_new(const Attribute& attribute) noexcept {
  return attribute.put != nullptr && attribute.number != FATTR4_MODE_SET_MASKED;
}

// A value that does not depend on the file.
template <auto value>
constexpr Attribute::Get always = [](xdr::Writer& w, const Subject&) { w(value); };

// clang-format off: one attribute a line
constexpr auto table = std::to_array<Attribute>({
    {FATTR4_SUPPORTED_ATTRS, 0, [](auto& w, auto& s) { w(supported_attributes(s.minor)); }},
    {FATTR4_TYPE, 0, [](auto& w, auto& s) { w(type_of(s.attributes)); }},
    {FATTR4_FH_EXPIRE_TYPE, 0, always<FH4_PERSISTENT>},
    {FATTR4_CHANGE, 0, [](auto& w, auto& s) { w(s.attributes.change); }},
    {FATTR4_SIZE, 0, [](auto& w, auto& s) { w(s.attributes.size); }, &take_size},
    {FATTR4_LINK_SUPPORT, 0, [](auto& w, auto& s) { w(!s.place.is_pseudo_root()); }},
    {FATTR4_SYMLINK_SUPPORT, 0, [](auto& w, auto& s) { w(!s.place.is_pseudo_root()); }},
    {FATTR4_NAMED_ATTR, 0, [](auto& w, auto& s) { w(s.attributes.has_streams); }},
    {FATTR4_FSID, 0, [](auto& w, auto& s) { w(fsid_of(s)); }},
    {FATTR4_UNIQUE_HANDLES, 0, always<false>},  // two shares of one tree name a file differently
    {FATTR4_LEASE_TIME, 0, [](auto& w, auto& s) { w(nfs_lease4{s.service.lease_seconds}); }},
    {FATTR4_RDATTR_ERROR, 0, always<NFS4_OK>},
    {FATTR4_ACL, 0, [](auto& w, auto& s) { put_list(w, s, vfs::AclParts::Both); }, &take_acl},
    {FATTR4_ACLSUPPORT, 0, [](auto& w, auto& s) { w(limits_of(s).acls ? supported_aces : 0); }},
    {FATTR4_CANSETTIME, 0, [](auto& w, auto& s) { w(!s.place.is_pseudo_root()); }},
    {FATTR4_CASE_INSENSITIVE, 0, [](auto& w, auto& s) { w(limits_of(s).case_insensitive); }},
    {FATTR4_CASE_PRESERVING, 0, [](auto& w, auto& s) { w(limits_of(s).case_preserving); }},
    {FATTR4_CHOWN_RESTRICTED, 0, always<true>},
    {FATTR4_FILEHANDLE, 0, [](auto& w, auto& s) { w(filehandle_of(s.place)); }},
    {FATTR4_FILEID, 0, [](auto& w, auto& s) { w(s.attributes.id.inode); }},
    {FATTR4_FILES_AVAIL, 0, [](auto& w, auto& s) { w(s.space.free_files); }},
    {FATTR4_FILES_FREE, 0, [](auto& w, auto& s) { w(s.space.free_files); }},
    {FATTR4_FILES_TOTAL, 0, [](auto& w, auto& s) { w(s.space.total_files); }},
    {FATTR4_HOMOGENEOUS, 0, always<true>},
    {FATTR4_MAXFILESIZE, 0, [](auto& w, auto& s) { w(limits_of(s).file_size_max); }},
    {FATTR4_MAXLINK, 0, [](auto& w, auto& s) { w(limits_of(s).link_max); }},
    {FATTR4_MAXNAME, 0, [](auto& w, auto& s) { w(limits_of(s).name_max); }},
    {FATTR4_MAXREAD, 0, always<std::uint64_t{limits::io_bytes}>},
    {FATTR4_MAXWRITE, 0, always<std::uint64_t{limits::io_bytes}>},
    {FATTR4_MODE, 0, [](auto& w, auto& s) { w(mode4{s.attributes.mode & vfs::mode::all}); }, &take_mode},
    {FATTR4_NO_TRUNC, 0, always<true>},
    {FATTR4_NUMLINKS, 0, [](auto& w, auto& s) { w(s.attributes.link_count); }},
    {FATTR4_OWNER, 0, [](auto& w, auto& s) { put_principal<IdMap::Kind::User>(w, s, s.attributes.owner); },
     [](auto& r, auto& service, auto& set) { return take_principal<IdMap::Kind::User>(r, service, set.owner); }},
    {FATTR4_OWNER_GROUP, 0, [](auto& w, auto& s) { put_principal<IdMap::Kind::Group>(w, s, s.attributes.group); },
     [](auto& r, auto& service, auto& set) { return take_principal<IdMap::Kind::Group>(r, service, set.group); }},
    {FATTR4_RAWDEV, 0, [](auto& w, auto& s) { w(specdata4{s.attributes.device.major, s.attributes.device.minor}); }},
    {FATTR4_SPACE_AVAIL, 0, [](auto& w, auto& s) { w(s.space.available_bytes); }},
    {FATTR4_SPACE_FREE, 0, [](auto& w, auto& s) { w(s.space.free_bytes); }},
    {FATTR4_SPACE_TOTAL, 0, [](auto& w, auto& s) { w(s.space.total_bytes); }},
    {FATTR4_SPACE_USED, 0, [](auto& w, auto& s) { w(s.attributes.space_used); }},
    {FATTR4_TIME_ACCESS, 0, [](auto& w, auto& s) { w(time_of(s.attributes.access_time)); }},
    {FATTR4_TIME_ACCESS_SET, 0, nullptr, [](auto& r, auto&, auto& set) { return take_time(r, set.access_time); }},
    {FATTR4_TIME_CREATE, 0, [](auto& w, auto& s) { w(time_of(s.attributes.birth_time)); }, &take_birth_time},
    {FATTR4_TIME_DELTA, 0, always<nfstime4{.nseconds = 1}>},
    {FATTR4_TIME_METADATA, 0, [](auto& w, auto& s) { w(time_of(s.attributes.change_time)); }},
    {FATTR4_TIME_MODIFY, 0, [](auto& w, auto& s) { w(time_of(s.attributes.modify_time)); }},
    {FATTR4_TIME_MODIFY_SET, 0, nullptr, [](auto& r, auto&, auto& set) { return take_time(r, set.modify_time); }},
    {FATTR4_MOUNTED_ON_FILEID, 0, [](auto& w, auto& s) { w(mounted_on(s)); }},
    {FATTR4_DACL, 1, [](auto& w, auto& s) { put_list(w, s, vfs::AclParts::Dacl); }, &take_part<vfs::AclParts::Dacl>},
    {FATTR4_SACL, 1, [](auto& w, auto& s) { put_list(w, s, vfs::AclParts::Sacl); }, &take_part<vfs::AclParts::Sacl>},
    {FATTR4_MODE_SET_MASKED, 1, nullptr, &take_mode_masked},
    {FATTR4_SUPPATTR_EXCLCREAT, 1, [](auto& w, auto& s) { w(bits_of(&is_for_new, s.minor)); }},
    // Other protocols make names that are none; this one does not.
    {FATTR4_FS_CHARSET_CAP, 1, always<FSCHARSET_CAP4_CONTAINS_NON_UTF8 | FSCHARSET_CAP4_ALLOWS_ONLY_UTF8>},
    {FATTR4_CLONE_BLKSIZE, 2, always<vfs::clone_block_bytes>},
    {FATTR4_SPACE_FREED, 2, [](auto& w, auto& s) { w(space_freed_of(s.attributes)); }},
    {FATTR4_CHANGE_ATTR_TYPE, 2, [](auto& w, auto& s) { w(change_type_of(s)); }},
    {FATTR4_MODE_UMASK, 2, nullptr, &take_mode_umask},
    {FATTR4_XATTR_SUPPORT, 2, [](auto& w, auto& s) { w(has_xattrs(s)); }},
    {FATTR4_OPEN_ARGUMENTS, 2, [](auto& w, auto&) { w(open_takes()); }},
});
// clang-format on
static_assert(std::ranges::is_sorted(table, {}, &Attribute::number));

/// Where in the table each attribute is, by its number.
constexpr std::size_t known_words = 3;
constexpr std::uint8_t no_row = 0xff;
constexpr auto rows = [] {
  std::array<std::uint8_t, known_words * 32> made;
  made.fill(no_row);
  for (std::size_t i = 0; i < table.size(); ++i) made[table[i].number] = static_cast<std::uint8_t>(i);
  return made;
}();

bitmap4 bits_of(bool (*has)(const Attribute&), std::uint32_t minor) {
  bitmap4 bits;
  for (const Attribute& attribute : table) {
    if (attribute.since <= minor && has(attribute)) bits.set(attribute.number);
  }
  return bits;
}

constexpr std::array of_space{FATTR4_FILES_AVAIL, FATTR4_FILES_FREE, FATTR4_FILES_TOTAL,
                              FATTR4_SPACE_AVAIL, FATTR4_SPACE_FREE, FATTR4_SPACE_TOTAL};

/// ATTRNOTSUPP when there is an attribute in `mask` that a minor version does not have.
nfsstat4 check_known(const bitmap4& mask, std::uint32_t minor) {
  const bitmap4 known = supported_attributes(minor);
  for (std::size_t i = 0; i < mask.words.size(); ++i) {
    const std::uint32_t there = i < known.words.size() ? known.words[i] : 0;
    if ((mask.words[i] & ~there) != 0) return NFS4ERR_ATTRNOTSUPP;
  }
  return NFS4_OK;
}

}  // namespace

bitmap4 supported_attributes(std::uint32_t minor) {
  return bits_of([](const Attribute&) { return true; }, minor);
}

bool wants_space(const bitmap4& asked) noexcept {
  return std::ranges::any_of(of_space, [&](fattr4_number number) { return asked.has(number); });
}

bool wants_list(const bitmap4& asked) noexcept {
  return std::ranges::any_of(of_list, [&](fattr4_number number) { return asked.has(number); });
}

nfsstat4 check_asked(const bitmap4& asked, std::uint32_t minor) noexcept {
  const bool set_only = asked.has(FATTR4_TIME_ACCESS_SET) || asked.has(FATTR4_TIME_MODIFY_SET) ||
                        (minor >= 1 && asked.has(FATTR4_MODE_SET_MASKED)) ||
                        (minor >= 2 && asked.has(FATTR4_MODE_UMASK));
  return set_only ? NFS4ERR_INVAL : NFS4_OK;  // RFC 8881, 5.5
}

fattr4 values_of(const bitmap4& asked, const Subject& subject) {
  fattr4 made;
  xdr::Writer values;
  xdr::array<std::uint32_t, bitmap_words>& given = made.attrmask.words;
  for (std::size_t word = 0; word < std::min(asked.words.size(), known_words); ++word) {
    std::uint32_t bits = 0;
    for (std::uint32_t left = asked.words[word]; left != 0; left &= left - 1) {
      const std::uint8_t row = rows[word * 32 + static_cast<std::size_t>(std::countr_zero(left))];
      if (row == no_row || table[row].since > subject.minor || !table[row].get) continue;
      table[row].get(values, subject);
      bits |= left & -left;
    }
    given.push_back(bits);
  }
  while (!given.empty() && given.back() == 0) given.pop_back();
  made.attr_vals = attrlist4::take(values.finish().coalesce());
  return made;
}

fattr4 no_values(nfsstat4 why) {
  fattr4 made;
  made.attrmask.set(FATTR4_RDATTR_ERROR);
  made.attr_vals = attrlist4::take(xdr::encode(why).coalesce());
  return made;
}

std::expected<Settings, nfsstat4> settings_of(const fattr4& asked, const Service& service, std::uint32_t minor,
                                              SettingsOf what) {
  if (const nfsstat4 known = check_known(asked.attrmask, minor); known != NFS4_OK) return std::unexpected(known);
  const fattr4_number misplaced = what == SettingsOf::NewNode ? FATTR4_MODE_SET_MASKED : FATTR4_MODE_UMASK;
  if (asked.attrmask.has(misplaced)) return std::unexpected(NFS4ERR_INVAL);
  for (const Attribute& attribute : table) {
    if (asked.attrmask.has(attribute.number) && !attribute.put) return std::unexpected(NFS4ERR_INVAL);
  }
  Settings settings{.changes = {}, .which = asked.attrmask};
  xdr::Reader values(asked.attr_vals.bytes());
  for (const Attribute& attribute : table) {
    if (!asked.attrmask.has(attribute.number)) continue;
    const nfsstat4 status = attribute.put(values, service, settings.changes);
    if (!values.ok()) return std::unexpected(NFS4ERR_BADXDR);
    if (status != NFS4_OK) return std::unexpected(status);
  }
  if (!values.finish()) return std::unexpected(NFS4ERR_BADXDR);
  return settings;
}

nfsstat4 check_compared(const bitmap4& compared, std::uint32_t minor) noexcept {
  if (const nfsstat4 known = check_known(compared, minor); known != NFS4_OK) return known;
  if (compared.has(FATTR4_RDATTR_ERROR)) return NFS4ERR_INVAL;  // RFC 8881, 18.31.4
  return check_asked(compared, minor);
}

bool same_values(const fattr4& given, const Subject& subject) {
  return values_of(given.attrmask, subject).attr_vals == given.attr_vals;
}

}  // namespace ditto::nfs4
