// The key space of DittoFs in a KvStore: one tag byte, then big-endian numbers, so that the keys of one node lie
// together and a directory's entries lie in cookie order. docs/formats/ditto-fs.md states every byte. A Key is a small
// value in memory of its own. Pure functions, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "vfs/attributes.hpp"

namespace ditto::vfs {

/// First byte of every key of DittoFs. Tags from 0x80 on belong to whoever else shares the store.
enum class Tag : std::uint8_t {
  Header = 0x01,
  Incarnation = 0x02,
  Reservations = 0x03,
  Usage = 0x04,
  Inode = 0x10,
  Inline = 0x11,
  Entry = 0x20,
  Xattr = 0x30,
  OrphanInode = 0x40,
  OrphanObject = 0x41,
  Checksums = 0x50,
  Unverified = 0x51,
  Extent = 0x60,
  References = 0x61,
  Unreferenced = 0x62,
  List = 0x70,
  ListCount = 0x71,
};

class Key {
 public:
  explicit Key(Tag tag) noexcept { append(static_cast<std::uint8_t>(tag)); }
  template <std::unsigned_integral T>
  Key& append(T value) noexcept {
    store_be(bytes_.data() + size_, value);
    size_ += sizeof value;
    return *this;
  }
  Key& append(NodeId id) noexcept { return append(id.subvolume).append(id.inode); }
  Bytes bytes() const noexcept { return {bytes_.data(), size_}; }
  operator Bytes() const noexcept { return bytes(); }  // NOLINT(google-explicit-constructor): a key is its bytes

 private:
  std::array<std::byte, 24> bytes_;
  std::size_t size_ = 0;
};

namespace key {

inline Key header() noexcept { return Key(Tag::Header); }
inline Key incarnation() noexcept { return Key(Tag::Incarnation); }
inline Key reservations() noexcept { return Key(Tag::Reservations); }
inline Key usage() noexcept { return Key(Tag::Usage); }
inline Key inode(NodeId id) noexcept { return Key(Tag::Inode).append(id); }
inline Key inline_data(NodeId id) noexcept { return Key(Tag::Inline).append(id); }
inline Key entry(NodeId directory, std::uint64_t entry_key) noexcept {
  return Key(Tag::Entry).append(directory).append(entry_key);
}
inline Key xattr(NodeId id, std::uint64_t name_key) noexcept { return Key(Tag::Xattr).append(id).append(name_key); }
inline Key orphan_inode(NodeId id) noexcept { return Key(Tag::OrphanInode).append(id); }
inline Key orphan_object(std::uint64_t object) noexcept { return Key(Tag::OrphanObject).append(object); }
inline Key checksums(std::uint64_t object, std::uint64_t group) noexcept {
  return Key(Tag::Checksums).append(object).append(group);
}
inline Key unverified(NodeId id) noexcept { return Key(Tag::Unverified).append(id); }
// Ranges by where they end: the first key behind (x) is that of the range that x lies in, or of the next one.
inline Key extent(NodeId id, std::uint64_t end) noexcept { return Key(Tag::Extent).append(id).append(end); }
inline Key references(std::uint64_t object, std::uint64_t end) noexcept {
  return Key(Tag::References).append(object).append(end);
}
inline Key unreferenced(std::uint64_t object, std::uint64_t start) noexcept {
  return Key(Tag::Unreferenced).append(object).append(start);
}
inline Key list(std::uint64_t id) noexcept { return Key(Tag::List).append(id); }
inline Key list_count(std::uint64_t id) noexcept { return Key(Tag::ListCount).append(id); }

/// The first key behind all that begin with `tag`.
inline Key end_of(Tag tag) noexcept { return Key(static_cast<Tag>(static_cast<std::uint8_t>(tag) + 1)); }

/// What a key stands for, in words: "the attributes of inode 7".
std::string name_of(Bytes key);

/// The numbers in a key as read from the store; false when it is not a key of that tag and shape.
bool parse_node(Bytes key, Tag tag, NodeId& id) noexcept;
bool parse_node_and(Bytes key, Tag tag, NodeId& id, std::uint64_t& number) noexcept;
bool parse_number(Bytes key, Tag tag, std::uint64_t& number) noexcept;
bool parse_numbers(Bytes key, Tag tag, std::uint64_t& first, std::uint64_t& second) noexcept;

}  // namespace key

/// Where a name hashes to in its directory, an xattr's in its node, or a list among all: 47 bits that are never 0,
/// above 16 bits of discriminator. The result is the READDIR cookie too: above the reserved 0 to 2, below 2^63.
class NameHash {
 public:
  static constexpr unsigned discriminator_bits = 16;
  /// Names of one hash at most (names that collide are found by scanning).
  static constexpr std::uint64_t max_chain = 1024;
  static constexpr std::uint64_t first_key = std::uint64_t{1} << discriminator_bits;
  static constexpr std::uint64_t key_limit = std::uint64_t{1} << 63;

  /// `mask` keeps some of the bits only: tests make names collide with it.
  explicit NameHash(const crypto::SipHashKey& key, std::uint64_t mask = ~std::uint64_t{0}) noexcept
      : key_(key), mask_(mask) {}

  /// First key of the chain of a directory entry: by its folded name.
  std::uint64_t entry_chain(std::string_view name) const noexcept;
  /// First key of the chain of an xattr: by its exact name.
  std::uint64_t xattr_chain(std::string_view name) const noexcept;
  /// First id that an access control list may have: by its bytes.
  std::uint64_t list_chain(Bytes list) const noexcept;

  static std::uint64_t chain_of(std::uint64_t name_key) noexcept { return name_key & ~(first_key - 1); }
  static std::uint64_t discriminator_of(std::uint64_t name_key) noexcept { return name_key & (first_key - 1); }

 private:
  std::uint64_t chain(std::string_view bytes) const noexcept;

  crypto::SipHashKey key_;
  std::uint64_t mask_;
};

}  // namespace ditto::vfs
