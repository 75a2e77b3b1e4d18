#include "support/power_cut/name_record.hpp"

#include <algorithm>
#include <set>

namespace ditto::test {
namespace {

void persist(const NameChange& change, Folders& folders) {
  if (change.erased) folders[change.erased->folder].erase(change.erased->name);
  if (change.made) folders[change.made->folder][change.made->name] = change.node;
}

bool touches(const NameChange& change, const std::set<NodeId>& folders) {
  return (change.erased && folders.contains(change.erased->folder)) ||
         (change.made && folders.contains(change.made->folder));
}

}  // namespace

void NameRecord::folder_synced(NodeId folder, Sequence last) {
  // A rename between folders is there as a whole, so it brings what came before it in the other folder.
  std::set<NodeId> folders{folder};
  std::vector<NameChange> durable;
  std::vector<NameChange> open;
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    if (change->sequence > last || !touches(*change, folders)) {
      open.push_back(std::move(*change));
      continue;
    }
    if (change->erased) folders.insert(change->erased->folder);
    if (change->made) folders.insert(change->made->folder);
    durable.push_back(std::move(*change));
  }
  for (auto change = durable.rbegin(); change != durable.rend(); ++change) persist(*change, durable_);
  std::ranges::reverse(open);
  changes_ = std::move(open);
}

void NameRecord::something_synced(Sequence last) { committed_ = std::max(committed_, last); }

Folders NameRecord::survivors(Survival& survival) const {
  Folders folders = durable_;
  const auto earlier_than = [&](auto is_earlier) {
    return static_cast<std::size_t>(std::ranges::find_if_not(changes_, is_earlier) - changes_.begin());
  };
  const std::size_t least = survival.folder_syncs_count_only()
                                ? 0
                                : earlier_than([&](const NameChange& c) { return c.sequence <= committed_; });
  const std::size_t before = earlier_than([&](const NameChange& c) { return survival.is_before_the_cut(c.sequence); });
  const std::size_t kept = survival.kept_in_order(survival.next(), least, before, changes_.size());
  for (std::size_t i = 0; i < kept; ++i) persist(changes_[i], folders);
  return folders;
}

}  // namespace ditto::test
