// What a journal holds when it is found: reads its segments in their order, hands out every record, and says where the
// log ends and whether that is where it was when the power went (a torn tail, nothing that was acknowledged) or damage
// in the middle (something is missing that was durable). Reads only. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/durable.hpp"
#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "store/journal/segments.hpp"

namespace ditto::store::journal {

struct Recovered {
  Lsn last = 0;                   // the last number that is there; at least what was applied before
  std::uint32_t epoch = 0;        // the highest that was met
  std::uint64_t sequence = 0;     // the highest that was met
  bool torn = false;              // behind the last whole batch the beginning of another one was found
  std::vector<SegmentPtr> used;   // segments that hold records above what was applied, in order
  std::vector<SegmentPtr> spare;  // the others
  /// Not empty: records that were durable cannot be read, and what is wrong. Everything before them was handed out.
  std::string damage;
};

/// What the place that records are brought to knows of them.
struct Applied {
  Lsn last = 0;   // up to here they are not needed any more
  Lsn begun = 0;  // up to here they were durable in the journal: where the log ends before it, something is missing
};

/// `record` gets the entries of each record above `applied.last`, in order; an error of its ends the walk and is
/// returned. Io: a segment cannot be read.
Result<Recovered> recover(std::vector<SegmentPtr> segments, Applied applied,
                          FunctionRef<Result<void>(Lsn lsn, Bytes entries)> record);

}  // namespace ditto::store::journal
