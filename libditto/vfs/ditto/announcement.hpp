// Announcement: what one change of DittoFs tells the ChangeObserver. It is made before the transaction and ends when
// what was done has been published; in between the transaction's body says what happens, each time it runs, and the
// store says its number. While nobody watches it does nothing. One thread.
#pragma once

#include <string_view>
#include <vector>

#include "vfs/change_observer.hpp"
#include "vfs/ditto/step.hpp"

namespace ditto::vfs {

class Announcement {
 public:
  Announcement(ChangeObserver* observer, NodeId root, const ActorTag& by) noexcept
      : observer_(observer),
        wants_(observer ? observer->wants() : ChangeObserver::Wants::Nothing),
        root_(root),
        by_(by) {}
  Announcement(const Announcement&) = delete;
  Announcement& operator=(const Announcement&) = delete;
  ~Announcement() {
    if (observer_ && done_) end();
  }

  bool wanted() const noexcept { return wants_ != ChangeObserver::Wants::Nothing; }

  // Within the transaction.

  void begin() noexcept { changes_.clear(), incomplete_ = false; }
  /// To the entry `name` of `directory`, which is `node`'s, and has that key there.
  void entry(Step& step, NodeEvent event, const InodeRecord& node, const InodeRecord& directory, std::string_view name,
             std::uint64_t entry_key) {
    if (wanted()) tell_entry(step, event, node, directory, name, entry_key);
  }
  /// To a node that the call was given, by whatever name is known of it.
  void node(Step& step, NodeEvent event, const Draft& draft) {
    if (wanted()) tell_node(step, event, draft);
  }
  /// Contents were written; size and mode were these before.
  void written(Step& step, const Draft& draft, std::uint64_t size, std::uint32_t mode) {
    if (!wanted()) return;
    tell_node(step, NodeEvent::Written, draft);
    if (draft.record.attributes.size != size) tell_node(step, NodeEvent::Resized, draft);
    if (draft.record.attributes.mode != mode) tell_node(step, NodeEvent::AttributesSet, draft);
  }
  void committed(Lsn lsn) {
    lsn_ = lsn;
    kept_ = observer_->committed(lsn, by_, changes_);
  }

  // Behind it.

  /// It has been made, or there was nothing to do: which of them is known only where something was wanted.
  void done() noexcept { done_ = !wanted() || lsn_ != 0; }

 private:
  bool paths() const noexcept { return wants_ == ChangeObserver::Wants::Paths; }
  void tell_entry(Step& step, NodeEvent event, const InodeRecord& node, const InodeRecord& directory,
                  std::string_view name, std::uint64_t entry_key);
  void tell_node(Step& step, NodeEvent event, const Draft& draft);
  /// `most` steps of the way from a directory up to the root go behind what is in `path`. False: it could not be read.
  bool climb(store::KvReader& reader, NodeId directory, std::size_t most, std::vector<NamedIn>& path) const;
  void end() noexcept;

  ChangeObserver* const observer_;
  const ChangeObserver::Wants wants_;
  const NodeId root_;
  const ActorTag& by_;
  std::vector<NodeChange> changes_;
  bool incomplete_ = false;
  bool kept_ = false, done_ = false;
  Lsn lsn_ = 0;
};

}  // namespace ditto::vfs
