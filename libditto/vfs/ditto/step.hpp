// One run of a transaction's body: reads inodes with what is pending merged in, collects what the operation does to
// them, and keeps the usage counters. Made inside the body each time it runs, so that an engine may run it again. The
// caller holds the mutex of every inode that it loads. Also the search for a name among the entries of a directory.
// One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "store/kv/kv_store.hpp"
#include "vfs/acl/shared_lists.hpp"
#include "vfs/ditto/change_counters.hpp"
#include "vfs/ditto/list_records.hpp"
#include "vfs/inode.hpp"
#include "vfs/keys.hpp"
#include "vfs/records.hpp"

namespace ditto::vfs {

/// An inode inside a transaction: as it will be, and as it was.
struct Draft {
  Inode* inode = nullptr;
  InodeRecord record;
  Before before;
  Pending taken;                   // what was merged in
  std::uint64_t least_change = 0;  // the change counter never falls to what was shown before
  std::uint64_t counted = 0;       // bytes that the usage counters hold for it
  bool gone = false;               // erased by this transaction
  std::shared_ptr<const Acl> acl;  // that the record names

  Guarded guarded() const noexcept { return {record.attributes, acl.get()}; }
  Change change() const noexcept { return {before, record.attributes}; }
};

/// The record of `id`; nothing when there is none.
Result<std::optional<InodeRecord>> read_inode(store::KvReader& reader, NodeId id);

struct EntryHit {
  std::uint64_t key = 0;
  NodeId id;
  FileType type = FileType::Regular;
};

struct EntrySearch {
  std::optional<EntryHit> exact;
  std::optional<EntryHit> folded;         // lowest discriminator of the same folded name, when asked for
  std::optional<std::uint64_t> free_key;  // where an insertion goes; nothing: the chain is full
};

enum class SearchFor : std::uint8_t { ExactName, FoldedName };

/// Finds `name` in `directory` by one scan of its hash's chain.
Result<EntrySearch> search_entries(store::KvReader& reader, const NameHash& hash, NodeId directory,
                                   std::string_view name, SearchFor what = SearchFor::ExactName);

class Step {
 public:
  Step(store::KvTransaction& kv, const NameHash& hash, const ChangeCounters& counters, SharedLists& lists,
       Timestamp now) noexcept
      : kv_(kv), hash_(hash), counters_(counters), lists_(lists), now_(now) {}
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  store::KvTransaction& kv() noexcept { return kv_; }
  Timestamp now() const noexcept { return now_; }

  /// Stale when it is not there.
  Result<void> load(Inode& inode, Draft& draft);
  /// A new inode; counted.
  void create(Inode& inode, const InodeRecord& record, Draft& draft);
  /// Gives the draft a list, or takes the one it has (null).
  Result<void> set_list(Draft& draft, const std::shared_ptr<const Acl>& acl);
  /// Writes the draft's record; once, after all changes to it.
  void store(Draft& draft);
  /// Erases record and inline data.
  void erase(Draft& draft);

  /// Contents changed: modify time, change time, change counter.
  void modified(Draft& draft) noexcept;
  /// Attributes changed: change time, change counter.
  void changed(Draft& draft) noexcept;
  /// The next value of the change counter (never the same for different contents, whatever a crash forgets).
  std::uint64_t next_change(const Draft& draft) const noexcept;

  Result<EntrySearch> search(NodeId directory, std::string_view name) {
    return search_entries(kv_, hash_, directory, name);
  }
  void put_entry(NodeId directory, std::uint64_t entry_key, std::string_view name, const InodeRecord& target);
  void erase_entry(NodeId directory, std::uint64_t entry_key) { kv_.erase(key::entry(directory, entry_key)); }

  /// Takes one name away from `target`; with its last one it goes, or to the orphans when it has an object, xattrs,
  /// streams, or (`in_use`) somebody at work on it. Does not store it when it stays as it is otherwise: the caller
  /// calls store() unless draft.gone.
  void drop_link(Draft& target, bool in_use);

  void count(std::int64_t inodes, std::int64_t bytes) noexcept { inodes_ += inodes, bytes_ += bytes; }
  /// Writes the usage counters and those of lists where they changed; last.
  Result<void> finish();

 private:
  store::KvTransaction& kv_;
  const NameHash& hash_;
  const ChangeCounters& counters_;
  SharedLists& lists_;
  const Timestamp now_;
  std::int64_t inodes_ = 0, bytes_ = 0;
  ListReferences references_;
};

}  // namespace ditto::vfs
