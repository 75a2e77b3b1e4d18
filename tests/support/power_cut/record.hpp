#pragma once

// All that is known of a watched folder's disk: the record of each file and of the names, and the order of all changes.
// A copy is a moment: it is cheap, since records are shared until they change. Not locked. It knows nodes by number;
// how calls find their node is Inventory's business.

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "support/power_cut/file_record.hpp"
#include "support/power_cut/name_record.hpp"

namespace ditto::test {

class Record {
 public:
  static constexpr NodeId root = 0;

  Record();

  NodeId add_file(Contents durable = {});
  NodeId add_folder();
  void add_durable_name(const Entry& entry, NodeId node) { names().add_durable(entry, node); }

  // Each is a change of its own, later than all before.
  Sequence written(NodeId file, std::uint64_t offset, std::vector<std::byte> data);
  void zeroed(NodeId file, std::uint64_t offset, std::uint64_t length);
  void resized(NodeId file, std::uint64_t size);
  void grown(NodeId file, std::uint64_t size);
  void name_changed(std::optional<Entry> erased, std::optional<Entry> made, NodeId node);

  Sequence last() const noexcept { return last_; }
  /// A sync of `node`, a file or folder, that began after `last` is done.
  void synced(NodeId node, Sequence last);
  void sync_failed(NodeId node, Sequence last);
  /// A sync of everything.
  void all_synced(Sequence last);
  /// That one write is durable.
  void write_synced(NodeId file, Sequence write);

  std::size_t unsynced() const;
  void build_image(const std::string& folder, std::uint64_t seed, const Damage& damage) const;

 private:
  FileRecord& file(NodeId node);
  NameRecord& names();

  std::vector<std::shared_ptr<FileRecord>> files_;  // by NodeId; empty for folders
  std::shared_ptr<NameRecord> names_;
  Sequence last_ = 0;
};

}  // namespace ditto::test
