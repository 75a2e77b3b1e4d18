// VersionTable: an ordered table of versions of keys in memory, keyed (key ascending, number descending), so that the
// newest version that a reader may see is the first at or behind (key, its ceiling). A skip list over an arena: one
// thread inserts while any number read without a lock; nothing moves or goes before the whole table does.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/durable.hpp"
#include "store/kv/arena.hpp"

namespace ditto::store {

/// Bytewise order of keys: negative, zero or positive.
int compare_keys(Bytes a, Bytes b) noexcept;

/// One version of one key, in the arena: this header, then the links to the next versions, then key and value.
class Version {
 public:
  Lsn lsn() const noexcept { return lsn_; }
  bool erased() const noexcept { return erased_; }
  Bytes key() const noexcept { return {payload(), key_bytes_}; }
  Bytes value() const noexcept { return {payload() + key_bytes_, value_bytes_}; }
  /// The value, or nullopt for an erased key.
  std::optional<Bytes> read() const noexcept { return erased_ ? std::nullopt : std::optional(value()); }
  /// The next version in table order, or null.
  const Version* next() const noexcept { return links()[0].load(std::memory_order_acquire); }

 private:
  friend class VersionTable;
  using Link = std::atomic<Version*>;

  Version(Lsn lsn, std::uint16_t key_bytes, std::uint32_t value_bytes, std::uint8_t levels, bool erased) noexcept
      : lsn_(lsn), value_bytes_(value_bytes), key_bytes_(key_bytes), levels_(levels), erased_(erased) {}

  Link* links() noexcept { return reinterpret_cast<Link*>(this + 1); }
  const Link* links() const noexcept { return reinterpret_cast<const Link*>(this + 1); }
  const std::byte* payload() const noexcept { return reinterpret_cast<const std::byte*>(links() + levels_); }

  const Lsn lsn_;
  const std::uint32_t value_bytes_;
  const std::uint16_t key_bytes_;
  const std::uint8_t levels_;
  const bool erased_;
};

class VersionTable {
 public:
  VersionTable() noexcept = default;
  VersionTable(const VersionTable&) = delete;
  VersionTable& operator=(const VersionTable&) = delete;

  /// Adds a version; key and value are copied, nullopt means erased. (key, lsn) must not be there yet.
  void insert(Bytes key, Lsn lsn, std::optional<Bytes> value);
  /// Forgets everything; nobody reads meanwhile.
  void clear() noexcept;

  bool empty() const noexcept { return first() == nullptr; }
  const Version* first() const noexcept { return head_[0].load(std::memory_order_acquire); }
  /// The newest version of `key` with a number of at most `ceiling`, or null.
  const Version* find(Bytes key, Lsn ceiling) const noexcept;
  /// The first version at or behind (key, ceiling) in table order, or null.
  const Version* lower_bound(Bytes key, Lsn ceiling) const noexcept;
  /// The first version behind all versions of `version`'s key, or null; however many of those there are.
  const Version* next_key(const Version& version) const noexcept;
  /// Memory held; for the thread that inserts.
  std::size_t size_bytes() const noexcept { return arena_.size_bytes(); }

 private:
  static constexpr int max_levels = 12;  // a quarter of the versions reach each next level: good for 4^12 of them

  int random_levels() noexcept;

  Arena arena_;
  std::array<Version::Link, max_levels> head_{};
  std::atomic<int> levels_ = 1;  // levels in use; a reader that sees an old number only walks a little further
  std::uint64_t random_ = 0x9e3779b97f4a7c15;
};

}  // namespace ditto::store
