// The rules of the change counter: it grows with every change, and no value ever stands for two contents, whatever a
// crash forgets. Each incarnation counts from a base of its own. What a crash left in objects may differ from what
// their counters stood for, since data goes there in place: so after one, the counters of all files with objects jump.
// Plain values, any thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "vfs/records.hpp"

namespace ditto::vfs {

/// 2^40 changes of one inode fit into an incarnation.
constexpr std::uint64_t change_base(std::uint64_t incarnation) noexcept { return incarnation << 40; }

struct ChangeCounters {
  std::uint64_t base = 0;          // of this incarnation
  std::uint64_t object_floor = 0;  // the base of the last incarnation that began after a crash

  /// The value behind `stored` and behind `shown`, the greatest that anybody saw.
  std::uint64_t next(std::uint64_t stored, std::uint64_t shown) const noexcept {
    return std::max({stored + 1, shown + 1, base});
  }
  /// Raises the counter of a record that was read from the store to where a crash has moved it.
  void raise(InodeRecord& record) const noexcept {
    if (record.object != 0) record.attributes.change = std::max(record.attributes.change, object_floor);
  }
};

}  // namespace ditto::vfs
