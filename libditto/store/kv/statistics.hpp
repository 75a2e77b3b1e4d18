// What an embedded store has done since it was opened, in numbers, for metrics. A plain value; they only grow.
#pragma once

#include <cstdint>

namespace ditto::store {

struct KvStatistics {
  std::uint64_t syncs = 0;  // of the journal
  std::uint64_t segments_begun = 0, segments_reused = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t objects_settled = 0;  // contents_synced() of an object whose contents would have been written again
  // What the start found in the journal.
  std::uint64_t replayed_records = 0, replayed_contents = 0;
  std::uint64_t skipped_contents = 0;  // that the object is known to have
  bool tail_was_torn = false;
};

}  // namespace ditto::store
