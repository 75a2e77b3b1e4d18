// Inode: the Node of DittoFs. Its attributes are published, so that reading them takes no lock; what reads changed
// (access times) is pending here until a transaction takes it along. Whoever changes the inode holds `mutex`, over the
// transaction too; readers may note an access time without it. Owned by the NodeTable; it never calls
// a store. Functions under "holder of mutex" are for the holder alone, the others for any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/durable.hpp"
#include "vfs/access.hpp"
#include "vfs/node.hpp"
#include "vfs/records.hpp"
#include "vfs/rollbacks.hpp"
#include "vfs/seqlock.hpp"

namespace ditto::vfs {

/// Changes that no transaction has recorded yet.
struct Pending {
  bool has_access = false;
  bool has_change = false;  // the object may hold what the record was rolled back from
  Timestamp access_time;
  ObjectId object = 0;  // that `change` belongs to: it is void for another one
  std::uint64_t change = 0;

  bool any() const noexcept { return has_access || has_change; }
  void apply_to(InodeRecord& record) const noexcept;
};

struct InodeState {
  enum class Presence : std::uint8_t {
    Unloaded,  // not yet read from the store
    Present,
    Gone,  // the store has no such inode
  };
  InodeRecord record;            // with everything pending
  Lsn rests_on = 0;              // the last change that a reader must wait for; unstable writes do not count
  std::uint64_t epoch = 0;       // of Rollbacks, when the record was read or written
  std::uint64_t generation = 0;  // grows whenever bytes leave the file or move: a read across such a change is repeated
  Presence presence = Presence::Unloaded;

  bool removed() const noexcept { return presence == Presence::Gone || record.attributes.link_count == 0; }
};

/// A state, and the list that goes with it.
struct InodeView : InodeState {
  std::shared_ptr<const Acl> acl;  // null: the mode alone decides
  Guarded guarded() const noexcept { return {record.attributes, acl.get()}; }
};

/// By which entry a node was last found, which may name something else by now. 0: by none.
struct NameSeen {
  std::uint64_t directory = 0, entry_key = 0;
};

/// How a transaction's outcome is published.
enum class Publish : std::uint8_t {
  Stable,    // readers wait until it is durable
  Unstable,  // an unstable write: readers need not wait, COMMIT does
};

class Inode final : public Node {
 public:
  explicit Inode(NodeId id) noexcept : Node(id) {}

  /// Serialises changes of this inode; held over the transaction. Several are taken in the order of their ids.
  std::mutex mutex;

  InodeState state() const noexcept { return state_.load(); }
  /// Takes no lock unless the inode has a list.
  InodeView view() const noexcept {
    InodeView view{state_.load(), nullptr};
    if (view.record.attributes.acl != 0) load_with_list(view);
    return view;
  }

  /// Notes a read at `now` where relatime asks for it: true when something became pending. Never waits.
  bool touch_access(Timestamp now) noexcept;
  bool pending_any() const noexcept;

  /// Where changes of a file are told to have happened: whoever uses it looks whether the entry is still the node's.
  void note_name(NodeId directory, std::uint64_t entry_key) noexcept {
    seen_directory_.store(directory.inode, std::memory_order_relaxed);
    seen_entry_key_.store(entry_key, std::memory_order_relaxed);
  }
  NameSeen name_seen() const noexcept {
    return {seen_directory_.load(std::memory_order_relaxed), seen_entry_key_.load(std::memory_order_relaxed)};
  }

  /// Rights that a change of another node has moved, as that of a file does those of its streams. Not recorded before
  /// the node's own next change.
  void share_rights(const InodeView& of) noexcept;

  /// Opens of state/ that keep a removed inode usable. Raised under `mutex`.
  std::atomic<std::uint32_t> holds{0};
  /// Whether the inode is in the list of those with something to write back; the list holds a pin.
  std::atomic<bool> queued{false};
  /// The table's clock bit: used since the hand last passed.
  std::atomic<bool> referenced{true};

  /// Whether forgetting it loses nothing, given that nobody has it pinned.
  bool clean(Lsn durable, const Rollbacks& rollbacks) const noexcept;

  // Holder of mutex.

  Pending pending() const noexcept;
  /// What the store said: `found` false when there is no record. Takes back what a rollback undid.
  void loaded(bool found, const InodeRecord& record, std::shared_ptr<const Acl> acl, Stamp seen,
              const Rollbacks& rollbacks) noexcept;
  /// A transaction wrote `record`, into which `taken` had been merged.
  void committed(const InodeRecord& record, const std::shared_ptr<const Acl>& acl, const Pending& taken, Stamp stamp,
                 Publish how) noexcept;
  /// A transaction erased the record, whose last state was `record`.
  void erased(const InodeRecord& record, Stamp stamp) noexcept;
  /// Space used as the data store now has it; kept with the next transaction.
  void measured(std::uint64_t space_used) noexcept;
  /// The next published state invalidates reads in flight.
  void moved_data() noexcept { ++generation_; }

  /// The greatest change counter ever shown, so that none is shown twice for different contents after a rollback.
  std::uint64_t highest_change() const noexcept { return highest_change_; }
  /// The last change of this inode, stable or not: what COMMIT waits for.
  Stamp last() const noexcept { return last_; }

  /// The file shrank and its object has yet to follow, which it may once the shrink is durable.
  bool fence = false;
  /// The object holds nothing beyond the size of the file, as far as is known.
  bool tail_clean = false;
  /// Counts writes to the object that no transaction carried, and how many of them a sync covered. What was written
  /// before the inode was loaded may be unsynced too.
  std::uint64_t writes = 1, synced_writes = 0;

  /// Bytes of the object that no checksum speaks for, once `since` is durable, so that most writes need not look.
  struct Unverified {
    std::uint64_t from = 0, to = 0;
    Lsn since = 0;
    bool has(std::uint64_t first, std::uint64_t end) const noexcept { return from <= first && end <= to; }
  } unverified;
  /// Counts all changes of the object's bytes, and shrinking.
  std::uint64_t object_changes = 0;
  /// It is on the list of files that the Verifier has to look at.
  bool listed = false;

 private:
  void publish(const InodeRecord& record, InodeState::Presence presence) noexcept;
  void load_with_list(InodeView& view) const noexcept;
  void restore_lost(const InodeRecord& record, const Rollbacks& rollbacks) noexcept;

  std::atomic<std::uint64_t> seen_directory_{0}, seen_entry_key_{0};
  mutable std::mutex state_mutex_;  // guards pending_, acl_ and stores to state_; a leaf, held for moments
  Seqlock<InodeState> state_;
  std::shared_ptr<const Acl> acl_;  // of the published state
  Pending pending_;
  // Guarded by mutex.
  Stamp last_;
  Lsn rests_on_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t generation_ = 0;
  std::uint64_t highest_change_ = 0;
};

/// Whether relatime lets a read at `now` move the access time.
bool access_time_due(const Attributes& attributes, Timestamp now) noexcept;

}  // namespace ditto::vfs
