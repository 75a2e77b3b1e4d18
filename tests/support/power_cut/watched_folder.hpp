#pragma once

// A folder whose disk a test holds in its hands. While one WatchedFolder lives, every change that the process makes to
// files below it goes on as ever and is recorded, so that a test can cut the power at any moment and build what the
// disk may hold then (moment.hpp), let calls fail or the disk be full (failure.hpp), and count syncs. The program must
// link power_cut whole: it replaces libc's functions for everything in the program, LMDB's library too.
//
// What was not synced survives by chance only. Syncs of watched files do not reach the real disk, which decides nothing
// here. Not recorded: what libc does inside itself (FILE*) or mmap() makes writable, and files whose names end with
// `-lock`, which nobody needs after a power cut; any other call that cannot be followed ends the process with a
// message. Not for two folders at once. Any thread may change files and call everything here; one owns the object.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "support/power_cut/failure.hpp"
#include "support/power_cut/moment.hpp"

namespace ditto::test {

class Recorder;

/// Where something becomes durable: fsync, fdatasync, or a write through a descriptor with O_DSYNC.
struct SyncPoint {
  std::size_t number;     // from 1
  bool done;              // false: what it syncs is not durable yet; true: it is, and the call is about to return
  std::string_view path;  // of the file or folder, below the watched folder; empty for that itself
};

class WatchedFolder {
 public:
  /// What is there counts as durable. The folder exists, and nobody is changing it.
  explicit WatchedFolder(const std::string& path);
  ~WatchedFolder();
  WatchedFolder(const WatchedFolder&) = delete;
  WatchedFolder& operator=(const WatchedFolder&) = delete;

  /// What is durable now and what is not. Cheap: contents are shared until they change.
  Moment capture() const;

  /// Every further change fails with EIO, syncs too, so that whoever is still at work ends soon; false: no longer.
  void freeze(bool frozen = true);

  /// capture(), then freeze(), and nothing in between.
  Moment cut();

  /// `hook` is called twice around each sync, on the thread that syncs; it may call everything here. Two threads that
  /// sync call it at the same time. Set it while nobody syncs.
  void on_sync(std::function<void(const SyncPoint&)> hook);

  /// Sync points so far.
  std::size_t sync_points() const;

  /// Calls of fsync and fdatasync so far, failed ones too, for files whose path ends with `suffix`.
  std::size_t syncs(std::string_view suffix = {}) const;

  /// From now on calls fail as it says; several may be in force.
  void fail(const Failure& failure);

  /// From now on nothing fails any more, and the disk is not full.
  void repair();

  /// While the disk is full, whatever needs room fails with ENOSPC: writes beyond what is allocated, allocations,
  /// creations. statvfs() still tells of the real disk.
  void set_full(bool full = true);

 private:
  std::shared_ptr<Recorder> recorder_;
};

}  // namespace ditto::test
