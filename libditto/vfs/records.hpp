// The values of DittoFs in a KvStore: what each record holds, and its bytes. Every record begins with a version of its
// own; decoding is bounds-checked and answers Corrupt to anything that encoding could not have written.
// docs/formats/ditto-fs.md states every byte. Plain values and pure functions, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "store/data/data_store.hpp"
#include "vfs/acl/acl.hpp"
#include "vfs/attributes.hpp"
#include "vfs/checksums.hpp"

namespace ditto::vfs {

using store::ObjectId;

/// Format of the whole store; raised when an older program must not touch it.
inline constexpr std::uint32_t store_format_version = 2;
/// The oldest format that is taken over, by writing the newest one's number: whatever it has, the newer ones have too.
inline constexpr std::uint32_t oldest_store_format = 1;

/// One inode. `attributes.id` comes from the key; a directory's size is derived from its entries.
struct InodeRecord {
  Attributes attributes;
  ObjectId object = 0;                // 0: contents, if any, are inline
  std::uint64_t parent = 0;           // of a directory: its parent's inode and its entry's key there; of a directory
  std::uint64_t entry_key = 0;        // of streams: their file, and none
  std::uint64_t entries = 0;          // of a directory: names in it, without "." and ".."
  std::uint64_t verifier = 0;         // of an exclusive create, until the first SETATTR
  std::uint64_t checksum_groups = 0;  // of its object: only records of groups below count
  std::uint64_t streams = 0;          // the directory of its streams; of a stream: its file
  bool has_verifier = false;
  bool has_xattrs = false;

  bool is_directory() const noexcept { return attributes.type == FileType::Directory; }
  bool is_regular() const noexcept { return attributes.type == FileType::Regular; }
  NodeId id() const noexcept { return attributes.id; }
  bool in_tree() const noexcept { return attributes.role == NodeRole::InTree; }
  bool may_have_streams() const noexcept { return in_tree() && (is_regular() || is_directory()); }
  NodeId parent_id() const noexcept { return {attributes.id.subvolume, parent}; }
  NodeId streams_id() const noexcept { return {attributes.id.subvolume, streams}; }
  /// Of what is beside the tree: the file that it belongs to.
  NodeId file_id() const noexcept { return is_directory() ? parent_id() : streams_id(); }
  /// What the usage counters count of it: bytes of files and of symlink targets.
  std::uint64_t counted_bytes() const noexcept { return is_directory() ? 0 : attributes.size; }
};

/// A directory of n names has this size: nobody reads it as bytes, but it grows with what is listed.
constexpr std::uint64_t directory_size(std::uint64_t entries) noexcept { return (entries + 2) * 32; }

struct EntryRecord {
  std::uint64_t inode = 0;
  FileType type = FileType::Regular;
  std::string_view name;  // into the decoded bytes
};

struct XattrRecord {
  std::string_view name;  // into the decoded bytes
  Bytes value;
};

struct HeaderRecord {
  std::uint32_t format_version = store_format_version;
  std::uint32_t folding_version = 0;
  std::uint64_t store_id = 0;
  std::uint64_t root = 0;
  crypto::SipHashKey filehandle_key{};
  crypto::SipHashKey name_key{};
  Timestamp created;
};

/// How often the store was started, and how it ended.
struct IncarnationRecord {
  std::uint64_t number = 0;
  /// The last incarnation that began with a store that had not been closed: what objects hold may be older or newer
  /// than the change counters say that were recorded before it.
  std::uint64_t after_crash = 0;
  bool closed = false;
};

/// Numbers from here on were never given out.
struct ReservationRecord {
  std::uint64_t next_inode = 0;
  std::uint64_t next_object = 0;
};

struct UsageRecord {
  std::uint64_t inodes = 0;
  std::uint64_t bytes = 0;  // modulo 2^64: sparse files can claim more
};

/// Encoded bytes in memory of their own.
class RecordBytes {
 public:
  static constexpr std::size_t capacity = 288;
  operator Bytes() const noexcept { return {bytes_.data(), size_}; }  // NOLINT(google-explicit-constructor)
  template <std::unsigned_integral T>
  RecordBytes& put(T value) noexcept {
    store_be(bytes_.data() + size_, value);
    size_ += sizeof value;
    return *this;
  }
  RecordBytes& put(Timestamp time) noexcept;
  RecordBytes& put(std::string_view text) noexcept;

 private:
  std::array<std::byte, capacity> bytes_;
  std::size_t size_ = 0;
};
static_assert(RecordBytes::capacity >= 16 + limits::name_bytes);

RecordBytes encode(const InodeRecord& record) noexcept;
RecordBytes encode(const EntryRecord& record) noexcept;
RecordBytes encode(const HeaderRecord& record) noexcept;
RecordBytes encode(const IncarnationRecord& record) noexcept;
RecordBytes encode(const ReservationRecord& record) noexcept;
RecordBytes encode(const UsageRecord& record) noexcept;
/// The size of an orphan object.
RecordBytes encode_number(std::uint64_t number) noexcept;
/// Values may be long.
std::vector<std::byte> encode(const XattrRecord& record);
std::vector<std::byte> encode(const GroupChecksums& record);
std::vector<std::byte> encode(const Acl& acl);

/// Each: Corrupt.
Result<InodeRecord> decode_inode(Bytes bytes, NodeId id) noexcept;
Result<EntryRecord> decode_entry(Bytes bytes) noexcept;
Result<XattrRecord> decode_xattr(Bytes bytes) noexcept;
Result<GroupChecksums> decode_checksums(Bytes bytes) noexcept;
Result<Acl> decode_list(Bytes bytes);
Result<HeaderRecord> decode_header(Bytes bytes) noexcept;
Result<IncarnationRecord> decode_incarnation(Bytes bytes) noexcept;
Result<ReservationRecord> decode_reservations(Bytes bytes) noexcept;
Result<UsageRecord> decode_usage(Bytes bytes) noexcept;
Result<std::uint64_t> decode_number(Bytes bytes) noexcept;

}  // namespace ditto::vfs
