#include "gate/changes.hpp"

#include <utility>

namespace ditto::gate {
namespace {

using state::Happened;
using vfs::NodeEvent;

Happened happened(NodeEvent event, bool directory) noexcept {
  switch (event) {
    case NodeEvent::Created: return directory ? Happened::DirectoryCreated : Happened::FileCreated;
    case NodeEvent::Removed: return directory ? Happened::DirectoryRemoved : Happened::FileRemoved;
    case NodeEvent::RenamedFrom: return directory ? Happened::DirectoryRenamedFrom : Happened::FileRenamedFrom;
    case NodeEvent::RenamedTo: return directory ? Happened::DirectoryRenamedTo : Happened::FileRenamedTo;
    case NodeEvent::Written: return Happened::Written;
    case NodeEvent::Resized: return Happened::Resized;
    case NodeEvent::AttributesSet: return Happened::Attributes;
    case NodeEvent::XattrsSet: return Happened::Xattrs;
  }
  return Happened::None;
}

}  // namespace

Changes* Changes::of(vfs::FileSystem& file_system) {
  // Nobody but the gate asks for it, so it is one of these.
  return static_cast<Changes*>(file_system.observer([&] { return std::make_unique<Changes>(file_system.store_id()); }));
}

state::TreeChange Changes::told_as(Lsn lsn, const vfs::ActorTag& by, vfs::NodeChange& change) const {
  const bool renamed = change.event == NodeEvent::RenamedFrom || change.event == NodeEvent::RenamedTo;
  state::TreeChange told{.what = happened(change.event, change.is_directory),
                         .node = key_of(change.node),
                         .path = {},
                         .cookie = renamed ? lsn : 0,  // a transaction renames once
                         .by = {.client = by[0], .key = {by[1], by[2]}},
                         .entry_cookie = change.entry_cookie};
  told.path.reserve(change.path.size());
  for (vfs::NamedIn& above : change.path) told.path.push_back({key_of(above.directory), std::move(above.name)});
  return told;
}

template <class Step>
void Changes::wake(Step step) {
  std::vector<state::WatchId> ready;
  std::vector<std::shared_ptr<Watcher>> watchers;
  {
    const std::lock_guard lock(mutex_);
    step(ready);
    for (const state::WatchId watch : ready) watchers.push_back(watchers_.at(watch));
  }
  for (std::size_t i = 0; i < ready.size(); ++i) watchers[i]->has_changes(ready[i]);
}

void Changes::want_what_is_watched() noexcept {
  want(stream_.wants_paths() ? Wants::Paths : stream_.watched() ? Wants::Entries : Wants::Nothing);
}

state::WatchId Changes::watch(const state::Watch& watch, std::shared_ptr<Watcher> watcher) {
  const std::lock_guard lock(mutex_);
  const state::WatchId id = ++last_watch_;
  watchers_.emplace(id, std::move(watcher));
  stream_.watch(id, watch);
  want_what_is_watched();
  return id;
}

void Changes::unwatch(state::WatchId watch) {
  std::shared_ptr<Watcher> last;  // goes without the lock
  const std::lock_guard lock(mutex_);
  const auto found = watchers_.find(watch);
  if (found == watchers_.end()) return;
  last = std::move(found->second);
  watchers_.erase(found);
  stream_.unwatch(watch);
  want_what_is_watched();
}

state::ChangeStream::Taken Changes::take(state::WatchId watch, std::size_t max_bytes) {
  const std::lock_guard lock(mutex_);
  return stream_.take(watch, max_bytes);
}

bool Changes::committed(Lsn lsn, const vfs::ActorTag& by, std::span<vfs::NodeChange> changes) {
  std::vector<state::TreeChange> told;
  told.reserve(changes.size());
  for (vfs::NodeChange& change : changes) told.push_back(told_as(lsn, by, change));
  const std::lock_guard lock(mutex_);
  if (!stream_.watched()) return false;
  stream_.committed(lsn, told);
  stream_.hold_back(lsn);
  return true;
}

void Changes::visible(Lsn lsn) {
  wake([&](std::vector<state::WatchId>& ready) { stream_.visible(lsn, ready); });
}

void Changes::missed() {
  wake([&](std::vector<state::WatchId>& ready) { stream_.missed(ready); });
}

void Changes::taken_back(Lsn kept) {
  const std::lock_guard lock(mutex_);
  stream_.taken_back(kept);
}

void Changes::durable(Lsn lsn) {
  wake([&](std::vector<state::WatchId>& ready) { stream_.durable(lsn, ready); });
}

}  // namespace ditto::gate
