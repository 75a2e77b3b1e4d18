// What a store on a disk is like at a moment, for whoever runs a server. A plain value; its numbers were read one after
// the other and need not agree with each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/durable.hpp"
#include "store/kv/statistics.hpp"
#include "store/kv/writability.hpp"

namespace ditto::store {

struct StoreStatus {
  std::optional<ReadOnlyCause> read_only;  // nothing while changes are taken
  bool out_of_space = false;               // changes wait for room on the disk, or are refused for want of it
  Lsn last = 0, durable = 0;               // of a store that is read-only, the last may have been taken back
  std::size_t journal_bytes = 0, journal_max_bytes = 0;  // on the disk, of what its place may lack
  std::size_t memory_bytes = 0, memory_max_bytes = 0;  // of changes that are not in their place; see set_memory_bytes()
  KvStatistics counts;
};

}  // namespace ditto::store
