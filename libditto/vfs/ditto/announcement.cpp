#include "vfs/ditto/announcement.hpp"

namespace ditto::vfs {
namespace {

// Of a tree so deep, whoever watches it from above is told to look.
constexpr std::size_t max_depth = 512;

/// The name of `node` in `directory` by the key of its entry there. Nothing: it has none by that key.
Result<std::optional<NamedIn>> name_of(store::KvReader& reader, NodeId directory, std::uint64_t entry_key,
                                       NodeId node) {
  const auto value = reader.get(key::entry(directory, entry_key));
  if (!value) return fail(value.error());
  if (!*value) return std::nullopt;
  const auto entry = decode_entry(**value);
  if (!entry) return fail(entry.error());
  if (entry->inode != node.inode) return std::nullopt;
  return NamedIn{directory, std::string(entry->name)};
}

}  // namespace

bool Announcement::climb(store::KvReader& reader, NodeId directory, std::size_t most,
                         std::vector<NamedIn>& path) const {
  for (NodeId at = directory; at != root_ && most != 0; --most) {
    const auto record = read_inode(reader, at);
    if (!record) return false;
    // No way leads up from beside the tree.
    if (*record && !(*record)->in_tree()) return true;
    // It was removed, and is only held.
    if (!*record || (*record)->attributes.link_count == 0) return true;
    auto named = name_of(reader, (*record)->parent_id(), (*record)->entry_key, at);
    if (!named || !*named) return false;
    at = (*named)->directory;
    path.push_back(*std::move(*named));
  }
  return !paths() || most != 0;
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
