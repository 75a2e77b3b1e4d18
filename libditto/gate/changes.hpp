// What happens in a file system, and who watches which part of it: the stream of state/changes with its lock, fed from
// within the file system's changes. A protocol watches, is woken, and takes what there is; that a node may be watched
// by whoever asks is the protocol's to find out. One for each file system, by whichever shares it is exported; the file
// system owns it. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "state/changes/change_stream.hpp"
#include "vfs/change_observer.hpp"
#include "vfs/file_system.hpp"

namespace ditto::gate {

/// Who watches. Called on any thread, with locks of the file system held: it posts, and no more.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// There is something to take, where there was nothing: not again before all of it has been taken. May come once more
  /// while the watch is taken down.
  virtual void has_changes(state::WatchId watch) = 0;
};

class Changes final : public vfs::ChangeObserver {
 public:
  explicit Changes(std::uint64_t store) noexcept : store_(store) {}
  /// Of a file system; null when that tells of no changes.
  static Changes* of(vfs::FileSystem& file_system);

  /// Told is what whoever looks at the tree from now on does not see. An unstable write is told when its record is
  /// durable, everything else before the answer to whoever did it.
  state::WatchId watch(const state::Watch& watch, std::shared_ptr<Watcher> watcher);
  void unwatch(state::WatchId watch);
  state::ChangeStream::Taken take(state::WatchId watch, std::size_t max_bytes);

  static vfs::ActorTag tag(const state::Holder& holder) noexcept {
    return {holder.client, holder.key[0], holder.key[1]};
  }

  // For the file system.

  bool committed(Lsn lsn, const vfs::ActorTag& by, std::span<vfs::NodeChange> changes) override;
  void visible(Lsn lsn) override;
  void missed() override;
  void taken_back(Lsn kept) override;
  void durable(Lsn lsn) override;

 private:
  state::FileKey key_of(vfs::NodeId node) const noexcept {
    return {.store = store_, .inode = node.inode, .subvolume = node.subvolume};
  }
  state::TreeChange told_as(Lsn lsn, const vfs::ActorTag& by, vfs::NodeChange& change) const;
  /// A step of the stream, and whoever it is that has something to take is told, without the lock.
  template <class Step>
  void wake(Step step);
  void want_what_is_watched() noexcept;

  const std::uint64_t store_;
  std::mutex mutex_;  // guards the rest; a leaf
  state::ChangeStream stream_;
  std::map<state::WatchId, std::shared_ptr<Watcher>> watchers_;
  state::WatchId last_watch_ = 0;
};

}  // namespace ditto::gate
