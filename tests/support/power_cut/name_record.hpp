#pragma once

// Which names the disk surely has in the folders of a tree, and, in order, the changes of names that it may have or
// not. A value. Not locked. It knows nodes by number only; what is in files is in FileRecord.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/power_cut/survival.hpp"

namespace ditto::test {

/// A file or folder, whatever its names are.
using NodeId = std::size_t;

/// A name in a folder.
struct Entry {
  NodeId folder = 0;
  std::string name;
};

/// What is in each folder. A node that is not here is a file.
using Folders = std::map<NodeId, std::map<std::string, NodeId>>;

/// `erased` ends and `made` begins to mean `node`, at once: a rename has both.
struct NameChange {
  std::optional<Entry> erased;
  std::optional<Entry> made;
  NodeId node = 0;
  Sequence sequence = 0;
};

class NameRecord {
 public:
  void add_folder(NodeId folder) { durable_.try_emplace(folder); }
  /// A name that was always there.
  void add_durable(const Entry& entry, NodeId node) { durable_[entry.folder][entry.name] = node; }
  void add(NameChange change) { changes_.push_back(std::move(change)); }

  /// An fsync of `folder` that began after `last` is done.
  void folder_synced(NodeId folder, Sequence last);
  /// Some sync that began after `last` is done.
  void something_synced(Sequence last);

  std::size_t unsynced() const { return changes_.size(); }
  /// The earliest of them, or no_sequence.
  Sequence first_unsynced() const { return changes_.empty() ? no_sequence : changes_.front().sequence; }
  Folders survivors(Survival& survival) const;

 private:
  Folders durable_;
  std::vector<NameChange> changes_;
  Sequence committed_ = 0;  // what a journal that goes to the disk with every sync has
};

}  // namespace ditto::test
