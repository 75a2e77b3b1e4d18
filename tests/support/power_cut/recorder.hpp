#pragma once

// What stands behind the functions that power_cut replaces (replaced_calls.cpp) while a folder is watched: each call
// finds its file, fails if it shall, is made, and is recorded. Return values and errno are those of libc. Any thread; a
// call is made under the lock, so that calls are recorded in the order in which they took effect.

#include <linux/fs.h>
#include <sys/uio.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "support/power_cut/failure_plan.hpp"
#include "support/power_cut/inventory.hpp"
#include "support/power_cut/record.hpp"
#include "support/power_cut/watched_folder.hpp"

namespace ditto::test {

class Recorder {
 public:
  explicit Recorder(const std::string& root) : inventory_(root, record_) {}

  /// The one that is at work, or nullptr.
  static std::shared_ptr<Recorder> current();
  static void set_current(std::shared_ptr<Recorder> recorder);

  // Contents: recorder_contents.cpp.
  ssize_t write(int fd, std::span<const iovec> pieces, off_t offset, int flags);
  int resize(int fd, off_t size);
  int allocate(int fd, int mode, off_t offset, off_t length);
  ssize_t copy(int from, off_t* from_offset, int to, off_t* to_offset, std::size_t length, unsigned flags);
  int clone(int to, unsigned long request, void* argument, const file_clone_range& range);

  // Names: recorder_names.cpp.
  int open(int folder, const char* path, int flags, mode_t mode);
  int make_folder(int folder, const char* path, mode_t mode);
  int remove(int folder, const char* path, int flags);
  int rename(int from_folder, const char* from, int to_folder, const char* to, unsigned flags);
  int link(int from_folder, const char* from, int to_folder, const char* to, int flags);

  // Syncs. `error`, if not 0, is what the gate lets it fail with.
  int sync(int fd, int error, int (*elsewhere)(int fd));
  int sync_all();

  /// For calls that are not followed: ends the process if it means a watched file.
  void refuse(int fd, const char* call);
  void refuse(int folder, const char* path, const char* call);

  // For WatchedFolder.
  Moment capture();
  Moment cut();
  void freeze(bool frozen);
  void set_hook(std::function<void(const SyncPoint&)> hook);
  std::size_t sync_points();
  std::size_t syncs(std::string_view suffix);
  void fail(const Failure& failure);
  void repair();
  void set_full(bool full);

 private:
  using Lock = std::unique_lock<std::mutex>;

  std::optional<Failure> obstacle(Call call, const std::string& path);
  bool lacks_room(const Node& node, int fd, off_t offset, std::size_t length) const;
  void record_copy(const Node& node, int from, off_t from_offset, off_t to_offset, std::size_t length);
  int write_synced(Lock& lock, const Node& node, Sequence write);
  void announce(Lock& lock, const SyncPoint& point);

  std::mutex mutex_;  // guards the rest
  Record record_;
  Inventory inventory_;
  FailurePlan plan_;
  std::function<void(const SyncPoint&)> hook_;
  std::size_t sync_points_ = 0;
  std::map<std::string, std::size_t, std::less<>> syncs_;  // by path
  bool frozen_ = false;
  bool full_ = false;
};

/// Says `error` as libc does.
inline int failed(int error) {
  errno = error;
  return -1;
}

}  // namespace ditto::test
