#pragma once

// Stands between the program and fdatasync, so that a test can hold back the disk or make it fail, whatever folder the
// file is in. For everything that is linked into the test program, LMDB's library too, if it links power_cut whole.
// What is on the disk then is WatchedFolder's business. Any thread.

#include <cstddef>
#include <string>

namespace ditto::test {

/// While one lives, every fdatasync of a file whose path ends with `suffix` waits; its end lets them go.
class HeldSyncs {
 public:
  explicit HeldSyncs(std::string suffix = {});
  ~HeldSyncs();
  HeldSyncs(const HeldSyncs&) = delete;
  HeldSyncs& operator=(const HeldSyncs&) = delete;

  /// Waits until at least `count` calls are waiting here.
  void wait_for(std::size_t count) const;

 private:
  std::string suffix_;
};

/// The next `count` calls of fdatasync for files whose path ends with `suffix` fail with `error` (an errno) instead of
/// reaching the disk. It replaces what an earlier call said.
void fail_syncs(std::size_t count, int error, std::string suffix = {});

/// How often fdatasync was called so far.
std::size_t syncs();

/// For the function that replaces fdatasync: waits as long as `fd` is held back, and says the errno that it shall fail
/// with, or 0.
int pass_sync_gate(int fd);

}  // namespace ditto::test
