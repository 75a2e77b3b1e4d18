#include "vfs/records.hpp"

#include <utility>

#include "vfs/names.hpp"

namespace ditto::vfs {
namespace {

constexpr std::uint8_t record_version = 1;
constexpr std::uint32_t nanoseconds_per_second = 1'000'000'000;
constexpr std::size_t list_head_bytes = 3, ace_bytes = 11;

// Which parts an inode record has behind its fixed head.
enum Part : std::uint16_t {
  OwnerIsSid = 1 << 0,
  GroupIsSid = 1 << 1,
  HasSpace = 1 << 2,
  HasObject = 1 << 3,
  IsDirectory = 1 << 4,
  HasDevice = 1 << 5,
  HasDosAttributes = 1 << 6,
  HasAcl = 1 << 7,
  HasFlags = 1 << 8,
  HasVerifier = 1 << 9,
  HasXattrs = 1 << 10,
  HasChecksums = 1 << 11,
  HasStreamLink = 1 << 13,
  HasStreams = 1 << 14,
};
constexpr std::uint16_t known_parts = ((1 << 12) - 1) | HasStreamLink | HasStreams;

// Types beside those of FileType.
constexpr std::uint8_t stream_directory_type = 8, stream_type = 9;

std::uint8_t type_of(const Attributes& attributes) noexcept {
  switch (attributes.role) {
    case NodeRole::InTree: break;
    case NodeRole::StreamDirectory: return stream_directory_type;
    case NodeRole::Stream: return stream_type;
  }
  return static_cast<std::uint8_t>(attributes.type);
}

// Takes numbers off the front; once something is missing everything that follows is 0 and ok() is false.
class Reader {
 public:
  explicit Reader(Bytes bytes) noexcept : rest_(bytes) {}

  template <std::unsigned_integral T>
  T take() noexcept {
    if (rest_.size() < sizeof(T)) return stop<T>();
    const T value = load_be<T>(rest_.data());
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }
  Timestamp take_time() noexcept {
    Timestamp time;
    time.seconds = static_cast<std::int64_t>(take<std::uint64_t>());
    time.nanoseconds = take<std::uint32_t>();
    if (time.nanoseconds >= nanoseconds_per_second) stop<int>();
    return time;
  }
  std::string_view take_text(std::size_t size) noexcept {
    if (rest_.size() < size) return stop<std::string_view>();
    const std::string_view text = text_of(rest_.first(size));
    rest_ = rest_.subspan(size);
    return text;
  }
  Bytes take_rest() noexcept { return std::exchange(rest_, {}); }
  void expect_version(std::uint8_t version) noexcept {
    if (take<std::uint8_t>() != version) stop<int>();
  }
  void require(bool condition) noexcept {
    if (!condition) stop<int>();
  }
  bool more() const noexcept { return !rest_.empty(); }
  /// Everything was there, and nothing is left.
  bool done() const noexcept { return ok_ && rest_.empty(); }

 private:
  template <class T>
  T stop() noexcept {
    ok_ = false;
    rest_ = {};
    return T{};
  }

  Bytes rest_;
  bool ok_ = true;
};

template <class T>
Result<T> finished(const Reader& reader, T&& value) noexcept {
  if (!reader.done()) return fail(Error::Corrupt);
  return std::forward<T>(value);
}

bool is_type(std::uint8_t type) noexcept {
  return type >= static_cast<std::uint8_t>(FileType::Regular) && type <= static_cast<std::uint8_t>(FileType::Socket);
}

void take_type(std::uint8_t type, Attributes& attributes) noexcept {
  attributes.type = static_cast<FileType>(type);
  if (type == stream_directory_type) attributes.type = FileType::Directory, attributes.role = NodeRole::StreamDirectory;
  if (type == stream_type) attributes.type = FileType::Regular, attributes.role = NodeRole::Stream;
}

std::uint16_t parts_of(const InodeRecord& record) noexcept {
  const Attributes& a = record.attributes;
  std::uint16_t parts = 0;
  const auto mark = [&](bool has, Part part) { parts = static_cast<std::uint16_t>(parts | (has ? part : 0)); };
  mark(a.owner.kind == Principal::Kind::Sid, OwnerIsSid);
  mark(a.group.kind == Principal::Kind::Sid, GroupIsSid);
  mark(a.space_used != 0 && !record.is_directory(), HasSpace);
  mark(record.object != 0, HasObject);
  mark(record.is_directory(), IsDirectory);
  mark(a.device != Device{}, HasDevice);
  mark(a.dos_attributes != 0, HasDosAttributes);
  mark(a.acl != 0 && record.in_tree(), HasAcl);  // beside the tree it is that of the file
  mark(a.flags != 0, HasFlags);
  mark(record.has_verifier, HasVerifier);
  mark(record.has_xattrs, HasXattrs);
  mark(record.checksum_groups != 0, HasChecksums);
  mark(record.streams != 0, HasStreamLink);
  mark(a.has_streams, HasStreams);
  return parts;
}

void put_key(RecordBytes& out, const crypto::SipHashKey& key) noexcept { out.put(key[0]).put(key[1]); }

crypto::SipHashKey take_key(Reader& in) noexcept {
  const auto first = in.take<std::uint64_t>();
  return {first, in.take<std::uint64_t>()};
}

void take_parts(Reader& in, std::uint16_t parts, InodeRecord& record) noexcept {
  Attributes& a = record.attributes;
  a.owner.kind = parts & OwnerIsSid ? Principal::Kind::Sid : Principal::Kind::Id;
  a.group.kind = parts & GroupIsSid ? Principal::Kind::Sid : Principal::Kind::Id;
  if (parts & HasSpace) a.space_used = in.take<std::uint64_t>();
  if (parts & HasObject) record.object = in.take<std::uint64_t>();
  if (parts & IsDirectory) {
    record.parent = in.take<std::uint64_t>();
    record.entry_key = in.take<std::uint64_t>();
    record.entries = in.take<std::uint64_t>();
    a.size = a.space_used = directory_size(record.entries);
  }
  if (parts & HasDevice) {
    a.device.major = in.take<std::uint32_t>();
    a.device.minor = in.take<std::uint32_t>();
  }
  if (parts & HasDosAttributes) a.dos_attributes = in.take<std::uint32_t>();
  if (parts & HasAcl) a.acl = in.take<std::uint64_t>();
  if (parts & HasFlags) a.flags = in.take<std::uint32_t>();
  record.has_verifier = parts & HasVerifier;
  if (record.has_verifier) record.verifier = in.take<std::uint64_t>();
  record.has_xattrs = parts & HasXattrs;
  if (parts & HasChecksums) record.checksum_groups = in.take<std::uint64_t>();
  if (parts & HasStreamLink) record.streams = in.take<std::uint64_t>();
  a.has_streams = parts & HasStreams;
}

}  // namespace

RecordBytes& RecordBytes::put(Timestamp time) noexcept {
  return put(static_cast<std::uint64_t>(time.seconds)).put(time.nanoseconds);
}

RecordBytes& RecordBytes::put(std::string_view text) noexcept {
  std::memcpy(bytes_.data() + size_, text.data(), text.size());
  size_ += text.size();
  return *this;
}

RecordBytes encode(const InodeRecord& record) noexcept {
  const Attributes& a = record.attributes;
  const std::uint16_t parts = parts_of(record);
  RecordBytes out;
  out.put(record_version).put(type_of(a)).put(static_cast<std::uint16_t>(a.mode)).put(parts);
  out.put(a.owner.value).put(a.group.value).put(a.link_count);
  out.put(record.is_directory() ? std::uint64_t{0} : a.size).put(a.change);
  out.put(a.access_time).put(a.modify_time).put(a.change_time).put(a.birth_time);
  if (parts & HasSpace) out.put(a.space_used);
  if (parts & HasObject) out.put(record.object);
  if (parts & IsDirectory) out.put(record.parent).put(record.entry_key).put(record.entries);
  if (parts & HasDevice) out.put(a.device.major).put(a.device.minor);
  if (parts & HasDosAttributes) out.put(a.dos_attributes);
  if (parts & HasAcl) out.put(a.acl);
  if (parts & HasFlags) out.put(a.flags);
  if (parts & HasVerifier) out.put(record.verifier);
  if (parts & HasChecksums) out.put(record.checksum_groups);
  if (parts & HasStreamLink) out.put(record.streams);
  return out;
}

Result<InodeRecord> decode_inode(Bytes bytes, NodeId id) noexcept {
  Reader in(bytes);
  InodeRecord record;
  Attributes& a = record.attributes;
  a.id = id;
  in.expect_version(record_version);
  const auto type = in.take<std::uint8_t>();
  take_type(type, a);
  a.mode = in.take<std::uint16_t>();
  const auto parts = in.take<std::uint16_t>();
  a.owner.value = in.take<std::uint32_t>();
  a.group.value = in.take<std::uint32_t>();
  a.link_count = in.take<std::uint32_t>();
  a.size = in.take<std::uint64_t>();
  a.change = in.take<std::uint64_t>();
  a.access_time = in.take_time();
  a.modify_time = in.take_time();
  a.change_time = in.take_time();
  a.birth_time = in.take_time();
  in.require((is_type(type) || !record.in_tree()) && (a.mode & ~mode::all) == 0 && (parts & ~known_parts) == 0 &&
             a.size <= limits::file_size);
  in.require(record.is_directory() == ((parts & IsDirectory) != 0));
  in.require(!record.is_directory() || a.size == 0);
  in.require((parts & HasObject) == 0 || record.is_regular());
  in.require((parts & HasChecksums) == 0 || (parts & HasObject) != 0);
  in.require((parts & HasStreams) == 0 || ((parts & HasStreamLink) != 0 && record.in_tree()));
  in.require((parts & HasStreamLink) == 0 ? a.role != NodeRole::Stream
                                          : record.may_have_streams() || a.role == NodeRole::Stream);
  take_parts(in, parts, record);
  in.require(parts_of(record) == parts);
  return finished(in, std::move(record));
}

RecordBytes encode(const EntryRecord& record) noexcept {
  RecordBytes out;
  out.put(record_version).put(static_cast<std::uint8_t>(record.type)).put(record.inode).put(record.name);
  return out;
}

Result<EntryRecord> decode_entry(Bytes bytes) noexcept {
  Reader in(bytes);
  EntryRecord record;
  in.expect_version(record_version);
  const auto type = in.take<std::uint8_t>();
  record.type = static_cast<FileType>(type);
  record.inode = in.take<std::uint64_t>();
  record.name = text_of(in.take_rest());
  in.require(is_type(type) && record.inode != 0 && check_entry_name(record.name).has_value());
  return finished(in, std::move(record));
}

std::vector<std::byte> encode(const XattrRecord& record) {
  std::vector<std::byte> out;
  out.reserve(2 + record.name.size() + record.value.size());
  out.push_back(static_cast<std::byte>(record_version));
  out.push_back(static_cast<std::byte>(record.name.size()));
  const Bytes name = bytes_of(record.name);
  out.insert(out.end(), name.begin(), name.end());
  out.insert(out.end(), record.value.begin(), record.value.end());
  return out;
}

Result<XattrRecord> decode_xattr(Bytes bytes) noexcept {
  Reader in(bytes);
  XattrRecord record;
  in.expect_version(record_version);
  record.name = in.take_text(in.take<std::uint8_t>());
  in.require(!record.name.empty());
  record.value = in.take_rest();
  return finished(in, std::move(record));
}

std::vector<std::byte> encode(const GroupChecksums& record) {
  std::vector<std::byte> out(1 + 8 + 4 + record.count() * 4);
  out[0] = static_cast<std::byte>(record_version);
  store_be(out.data() + 1, record.change);
  store_be(out.data() + 9, record.covered);
  for (std::size_t i = 0; i < record.count(); ++i) store_be(out.data() + 13 + i * 4, record.chunks[i]);
  return out;
}

Result<GroupChecksums> decode_checksums(Bytes bytes) noexcept {
  Reader in(bytes);
  GroupChecksums record;
  in.expect_version(record_version);
  record.change = in.take<std::uint64_t>();
  record.covered = in.take<std::uint32_t>();
  if (record.covered == 0 || record.covered > group_bytes) return fail(Error::Corrupt);
  for (std::size_t i = 0; i < record.count(); ++i) record.chunks[i] = in.take<std::uint32_t>();
  return finished(in, std::move(record));
}

std::vector<std::byte> encode(const Acl& acl) {
  std::vector<std::byte> out(list_head_bytes + acl.aces.size() * ace_bytes);
  out[0] = static_cast<std::byte>(record_version);
  out[1] = static_cast<std::byte>(acl.dacl);
  out[2] = static_cast<std::byte>(acl.sacl);
  std::byte* at = out.data() + list_head_bytes;
  for (const Ace& ace : acl.aces) {
    at[0] = static_cast<std::byte>(ace.type);
    at[1] = static_cast<std::byte>(ace.flags);
    at[2] = static_cast<std::byte>(ace.who.kind);
    store_be(at + 3, ace.who.value);
    store_be(at + 7, static_cast<std::uint32_t>(ace.mask));
    at += ace_bytes;
  }
  return out;
}

Result<Acl> decode_list(Bytes bytes) {
  constexpr std::uint8_t acl_flags = 7, ace_flags = 0xbf;
  if (bytes.size() > list_head_bytes + Acl::max_kept * ace_bytes) return fail(Error::Corrupt);
  Reader in(bytes);
  in.expect_version(record_version);
  const auto dacl = in.take<std::uint8_t>(), sacl = in.take<std::uint8_t>();
  in.require(((dacl | sacl) & ~acl_flags) == 0);
  Acl acl{.dacl = static_cast<AclFlags>(dacl), .sacl = static_cast<AclFlags>(sacl), .aces = {}};
  acl.aces.reserve(bytes.size() / ace_bytes);
  while (in.more()) {
    const auto type = in.take<std::uint8_t>(), flags = in.take<std::uint8_t>(), kind = in.take<std::uint8_t>();
    const auto value = in.take<std::uint32_t>(), mask = in.take<std::uint32_t>();
    in.require(type <= static_cast<std::uint8_t>(Ace::Type::Alarm) && (flags & ~ace_flags) == 0);
    in.require(kind <= static_cast<std::uint8_t>(Who::Kind::Sid));
    acl.aces.push_back({.type = static_cast<Ace::Type>(type),
                        .flags = static_cast<AceFlags>(flags),
                        .mask = static_cast<Access>(mask),
                        .who = {static_cast<Who::Kind>(kind), value}});
  }
  return finished(in, std::move(acl));
}

RecordBytes encode(const HeaderRecord& record) noexcept {
  RecordBytes out;
  out.put(record_version).put(record.format_version).put(record.folding_version);
  out.put(record.store_id).put(record.root);
  put_key(out, record.filehandle_key);
  put_key(out, record.name_key);
  out.put(record.created);
  return out;
}

Result<HeaderRecord> decode_header(Bytes bytes) noexcept {
  Reader in(bytes);
  HeaderRecord record;
  in.expect_version(record_version);
  record.format_version = in.take<std::uint32_t>();
  // Another format may have another header: its number is all that can be told of it.
  if (record.format_version < oldest_store_format || record.format_version > store_format_version) {
    in.take_rest();
    return finished(in, std::move(record));
  }
  record.folding_version = in.take<std::uint32_t>();
  record.store_id = in.take<std::uint64_t>();
  record.root = in.take<std::uint64_t>();
  record.filehandle_key = take_key(in);
  record.name_key = take_key(in);
  record.created = in.take_time();
  return finished(in, std::move(record));
}

RecordBytes encode(const IncarnationRecord& record) noexcept {
  RecordBytes out;
  out.put(record_version).put(record.number).put(record.after_crash).put(std::uint8_t{record.closed});
  return out;
}

Result<IncarnationRecord> decode_incarnation(Bytes bytes) noexcept {
  Reader in(bytes);
  IncarnationRecord record;
  in.expect_version(record_version);
  record.number = in.take<std::uint64_t>();
  record.after_crash = in.take<std::uint64_t>();
  const auto closed = in.take<std::uint8_t>();
  in.require(closed <= 1);
  record.closed = closed == 1;
  return finished(in, std::move(record));
}

RecordBytes encode(const ReservationRecord& record) noexcept {
  RecordBytes out;
  out.put(record_version).put(record.next_inode).put(record.next_object);
  return out;
}

Result<ReservationRecord> decode_reservations(Bytes bytes) noexcept {
  Reader in(bytes);
  ReservationRecord record;
  in.expect_version(record_version);
  record.next_inode = in.take<std::uint64_t>();
  record.next_object = in.take<std::uint64_t>();
  return finished(in, std::move(record));
}

RecordBytes encode(const UsageRecord& record) noexcept {
  RecordBytes out;
  out.put(record_version).put(record.inodes).put(record.bytes);
  return out;
}

Result<UsageRecord> decode_usage(Bytes bytes) noexcept {
  Reader in(bytes);
  UsageRecord record;
  in.expect_version(record_version);
  record.inodes = in.take<std::uint64_t>();
  record.bytes = in.take<std::uint64_t>();
  return finished(in, std::move(record));
}

RecordBytes encode_number(std::uint64_t number) noexcept {
  RecordBytes out;
  out.put(record_version).put(number);
  return out;
}

Result<std::uint64_t> decode_number(Bytes bytes) noexcept {
  Reader in(bytes);
  in.expect_version(record_version);
  const auto number = in.take<std::uint64_t>();
  return finished(in, std::uint64_t{number});
}

}  // namespace ditto::vfs
