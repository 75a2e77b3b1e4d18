#include "vfs/ditto/announcement.hpp"

#include "vfs/ditto/way_up.hpp"

namespace ditto::vfs {
bool Announcement::climb(store::KvReader& reader, NodeId directory, std::size_t most,
                         std::vector<NamedIn>& path) const {
  switch (vfs::climb(reader, directory, root_, most, path)) {
    case Climbed::ToTop:
    case Climbed::Aside: return true;
    case Climbed::PartWay: return !paths();  // of a tree so deep, whoever watches it from above is told to look
    case Climbed::Failed: break;
  }
  return false;
}

void Announcement::tell_entry(Step& step, NodeEvent event, const InodeRecord& node, const InodeRecord& directory,
                              std::string_view name, std::uint64_t entry_key) {
  NodeChange change{
      .event = event, .node = node.id(), .is_directory = node.is_directory(), .path = {}, .entry_cookie = entry_key};
  change.path.push_back({directory.id(), std::string(name)});
  if (paths() && !climb(step.kv(), directory.id(), max_depth, change.path)) incomplete_ = true;
  changes_.push_back(std::move(change));
}

void Announcement::tell_node(Step& step, NodeEvent event, const Draft& draft) {
  const NodeId id = draft.record.id();
  NodeChange change{.event = event, .node = id, .is_directory = draft.record.is_directory(), .path = {}};
  if (draft.record.is_directory()) {
    if (!climb(step.kv(), id, paths() ? max_depth : 1, change.path)) incomplete_ = true;
  } else if (const NameSeen seen = draft.inode->name_seen(); seen.directory != 0) {
    auto named = name_of(step.kv(), {id.subvolume, seen.directory}, seen.entry_key, id);
    if (!named) incomplete_ = true;
    if (named && *named) {
      const NodeId directory = (*named)->directory;
      change.path.push_back(*std::move(*named));
      if (paths() && !climb(step.kv(), directory, max_depth, change.path)) incomplete_ = true;
    }
  }
  changes_.push_back(std::move(change));
}

void Announcement::end() noexcept {
  if (kept_) observer_->visible(lsn_);
  // Whoever has begun to watch since either sees what was published, or is seen here.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const auto wants = observer_->wants();
  if (wants > (kept_ ? wants_ : ChangeObserver::Wants::Nothing) || (incomplete_ && kept_)) observer_->missed();
}

}  // namespace ditto::vfs
