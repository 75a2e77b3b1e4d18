// What a change among the streams of a file does to the file: its change time and counter move, and it is known whether
// it has any. Made before the transaction, empty for a directory of the tree. One thread.
#pragma once

#include <optional>

#include "vfs/ditto/announcement.hpp"
#include "vfs/ditto/step.hpp"
#include "vfs/file_system.hpp"
#include "vfs/node_table.hpp"

namespace ditto::vfs {

class StreamsChange {
 public:
  /// `file` outlives it; the caller locks it, and publishes draft().
  explicit StreamsChange(const InodePin& file) noexcept : file_(file ? &*file : nullptr) {}

  Inode* file() const noexcept { return file_; }
  const Draft& draft() const noexcept { return *draft_; }

  /// Within the transaction: `directory` is as it will be. Delay when the file is held by somebody who has to know
  /// first.
  Result<void> note(const Context& context, Step& step, const InodeRecord& directory, Announcement& announcement) {
    if (!file_) return {};
    if (!context.admits(*file_, NameChange::OfAStream)) return fail(Error::Delay);
    Draft& draft = draft_.emplace();
    if (auto loaded = step.load(*file_, draft); !loaded) return loaded;
    draft.record.attributes.has_streams = directory.entries != 0;
    step.changed(draft);
    step.store(draft);
    announcement.node(step, NodeEvent::AttributesSet, draft);
    return {};
  }

 private:
  Inode* file_;
  std::optional<Draft> draft_;
};

}  // namespace ditto::vfs
