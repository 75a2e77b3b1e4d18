#pragma once

// Stands between the program and fdatasync, so that a test can hold back the disk or make it fail. It replaces the
// function for everything that is linked into the test program, LMDB's library too. Any thread.

#include <cstddef>

namespace ditto::test {

/// While one lives, every fdatasync of the process waits; its end lets them go.
class HeldSyncs {
 public:
  HeldSyncs();
  ~HeldSyncs();
  HeldSyncs(const HeldSyncs&) = delete;
  HeldSyncs& operator=(const HeldSyncs&) = delete;

  /// Waits until at least `count` calls are waiting here.
  void wait_for(std::size_t count) const;
};

/// The next `count` calls of fdatasync fail with `error` (an errno) instead of reaching the disk.
void fail_syncs(std::size_t count, int error);

/// How often fdatasync was called so far.
std::size_t syncs();

}  // namespace ditto::test
