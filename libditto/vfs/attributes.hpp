// What a node is: its attributes as the file system stores them, neutral to protocols. Plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.hpp"

namespace ditto::vfs {

struct Acl;

enum class FileType : std::uint8_t { Regular = 1, Directory, Symlink, BlockDevice, CharDevice, Fifo, Socket };

/// What a node is to the tree. Named streams and the directory that holds those of one file are nodes as others are,
/// beside the tree: no name leads to them, FileSystem::stream_directory() does.
enum class NodeRole : std::uint8_t { InTree, StreamDirectory, Stream };

/// Who owns a node: a POSIX id, or the number of a SID in the store's table of SIDs. Tagged, since neither maps onto
/// the other without an id map.
struct Principal {
  enum class Kind : std::uint8_t { Id, Sid };
  Kind kind = Kind::Id;
  std::uint32_t value = 0;
  static constexpr Principal id(std::uint32_t value) noexcept { return {Kind::Id, value}; }
  friend bool operator==(const Principal&, const Principal&) = default;
};

/// Bits of Attributes::mode, as POSIX numbers them.
namespace mode {
inline constexpr std::uint32_t set_uid = 04000, set_gid = 02000, sticky = 01000, all = 07777;
}

struct Device {
  std::uint32_t major = 0, minor = 0;
  friend bool operator==(const Device&, const Device&) = default;
};

/// Names a node within one FileSystem. Inode numbers are never reused. `subvolume` is 0 until there are snapshots.
struct NodeId {
  std::uint32_t subvolume = 0;
  std::uint64_t inode = 0;
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

struct Attributes {
  NodeId id;
  FileType type = FileType::Regular;
  NodeRole role = NodeRole::InTree;
  bool has_streams = false;
  std::uint32_t mode = 0;  // permission bits and set-id/sticky only
  Principal owner, group;
  std::uint32_t link_count = 0;
  std::uint64_t size = 0;        // bytes; of a symlink: of its target
  std::uint64_t space_used = 0;  // bytes of storage
  Timestamp access_time, modify_time, change_time, birth_time;
  std::uint64_t change = 0;          // grows with every change of contents or attributes, never repeats
  Device device;                     // of block and character devices
  std::uint32_t dos_attributes = 0;  // MS-FSCC 2.6 bits that are stored rather than derived
  std::uint64_t acl = 0;             // of its access control list in the store, 0: none beyond the mode
  std::uint32_t flags = 0;
};

/// What weak cache consistency and change_info need to know of the time before a change.
struct Before {
  std::uint64_t size = 0;
  Timestamp modify_time, change_time;
  std::uint64_t change = 0;
};
inline Before before_of(const Attributes& a) noexcept { return {a.size, a.modify_time, a.change_time, a.change}; }

/// A node around one change; both ends are of the same atomic step.
struct Change {
  Before before;
  Attributes after;
};

/// A time to set: a value of the client's, or the server's own clock.
struct SetTime {
  bool server_time = false;
  Timestamp value;
};

/// Which of a list's entries are meant: those that decide (allow, deny; a Windows DACL), those that record (AUDIT,
/// ALARM; a SACL), or both.
enum class AclParts : std::uint8_t { Both, Dacl, Sacl };

/// Attributes to set; absent ones stay.
struct SetAttributes {
  std::optional<std::uint32_t> mode;
  std::uint32_t mode_mask = mode::all;  // bits of the mode that are set; the others stay
  std::uint32_t umask = 0;              // of a new node: taken from its mode, unless its directory hands a list on
  std::optional<Principal> owner, group;
  std::optional<std::uint64_t> size;
  std::optional<SetTime> access_time, modify_time;
  std::optional<Timestamp> birth_time;
  std::optional<std::uint32_t> dos_attributes;
  std::shared_ptr<const Acl> acl;
  AclParts acl_parts = AclParts::Both;  // what of the node's list becomes `acl`; the rest stays
  bool empty() const noexcept {
    return !mode && !owner && !group && !size && !access_time && !modify_time && !birth_time && !dos_attributes && !acl;
  }
  /// Whether the times' nanoseconds stay below a second, as nothing on the wire guarantees.
  bool valid_times() const noexcept {
    const auto valid = [](const Timestamp& time) { return time.nanoseconds < 1'000'000'000; };
    return (!access_time || valid(access_time->value)) && (!modify_time || valid(modify_time->value)) &&
           (!birth_time || valid(*birth_time));
  }
};

}  // namespace ditto::vfs
