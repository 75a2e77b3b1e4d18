// merged_scan: a range of keys as one transaction sees it, merged from its own writes, the overlay's generations and
// the LMDB file; of a key that several have, the youngest counts. On the thread that owns the view.
#pragma once

#include <lmdb.h>

#include <span>

#include "base/bytes.hpp"
#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "store/kv/lmdb/environment.hpp"
#include "store/kv/write_set.hpp"

namespace ditto::store {

struct ScanSources {
  const WriteSet* own;                           // null in a view; `visit` may write to it
  std::span<const VersionTable* const> overlay;  // youngest first
  Lsn ceiling;                                   // of the overlay's versions
  MDB_cursor* stored;                            // the scan has it to itself
  const LmdbEnvironment& environment;            // which the cursor is of
};

/// Visits entries with from <= key < to in key order until `visit` returns false; an empty `to` means no end. What
/// `visit` writes to keys behind the one visited is seen. `newest` is raised to the greatest number of a version in the
/// overlay that was met. Corrupt: the next entry is not what was written.
Result<void> merged_scan(const ScanSources& sources, Bytes from, Bytes to, FunctionRef<bool(Bytes, Bytes)> visit,
                         Lsn& newest);

}  // namespace ditto::store
