// The byte-range locks of one file, of all protocols together, with one test of conflict between them and the rules of
// each where they differ:
//
//   * POSIX (NLM, NFSv4): an owner's locks do not overlap; a new one replaces what it covers, neighbours of one kind
//     become one, and unlocking cuts a piece out of whatever is there. An owner never conflicts with itself. Advisory.
//   * SMB: each lock is kept as it was asked for, shared ones may lie upon each other, unlocking takes exactly one
//     away, and an exclusive one conflicts with the owner's own. Mandatory for reads and writes (MS-FSA, 2.1.4.10).
//
// Knows nothing of waiting, clients or time. Pure; belongs to its file and is used under the file's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "state/byte_range.hpp"
#include "state/types.hpp"

namespace ditto::state {

enum class LockRules : std::uint8_t { Posix, Smb };

/// Who holds a lock: within a client, the number that stands for an NLM owner, an NFSv4 lock owner or an SMB open.
struct LockOwner {
  LockRules rules = LockRules::Posix;
  ClientId client = nobody;
  std::uint64_t number = 0;
  friend auto operator<=>(const LockOwner&, const LockOwner&) = default;
};

enum class LockKind : std::uint8_t { Shared, Exclusive };

struct ByteLock {
  ByteRange range;
  LockKind kind = LockKind::Shared;
  LockOwner owner;
  friend bool operator==(const ByteLock&, const ByteLock&) = default;
};

/// Whether `wanted` cannot be there together with `held`.
bool conflict(const ByteLock& held, const ByteLock& wanted) noexcept;

class LockTable {
 public:
  /// The first lock that `wanted` conflicts with.
  const ByteLock* find_conflict(const ByteLock& wanted) const noexcept;
  /// Calls `visit` with each lock that `wanted` conflicts with.
  template <class Visit>
  void each_conflict(const ByteLock& wanted, Visit visit) const {
    for (const ByteLock& held : locks_) {
      if (held.range.first > wanted.range.last) break;
      if (conflict(held, wanted)) visit(held);
    }
  }
  /// A mandatory lock that forbids `io` in `range` to `reader_or_writer` (an SMB open, or nobody).
  const ByteLock* find_mandatory(const ByteRange& range, LockKind io, const LockOwner& reader_or_writer) const noexcept;

  /// Adds `lock`, which conflicts with nothing.
  void add(const ByteLock& lock);
  /// POSIX: `range` of the owner is free afterwards; false: it held nothing there. SMB: one lock of exactly `range`
  /// goes, an exclusive one first; false: there is none.
  bool remove(const LockOwner& owner, const ByteRange& range);
  /// How many locks went.
  std::size_t remove_owner(const LockOwner& owner);
  std::size_t remove_client(ClientId client);

  bool holds_any(const LockOwner& owner) const noexcept;
  /// How many more locks there are after add() and remove(): a cut in the middle makes two of one, and what touches
  /// becomes one.
  std::ptrdiff_t growth_by_adding(const ByteLock& lock) const noexcept;
  std::ptrdiff_t growth_by_removing(const LockOwner& owner, const ByteRange& range) const noexcept;
  /// In order of their first bytes.
  std::span<const ByteLock> all() const noexcept { return locks_; }
  std::size_t size() const noexcept { return locks_.size(); }
  bool empty() const noexcept { return locks_.empty(); }
  bool any_mandatory() const noexcept { return mandatory_ != 0; }

 private:
  void insert(const ByteLock& lock);
  std::vector<ByteLock>::iterator erase(std::vector<ByteLock>::iterator lock);
  bool cut(const LockOwner& owner, const ByteRange& range);

  std::vector<ByteLock> locks_;  // by first byte
  std::size_t mandatory_ = 0;    // how many of them are SMB's
};

}  // namespace ditto::state
