// DittoFs: the built-in FileSystem, over a KvStore (everything that is named, counted or small) and a DataStore
// (contents beyond a few kilobytes). docs/formats/ditto-fs.md states what it keeps. It owns the inodes in memory and
// neither of the stores, which outlive it and serve no second DittoFs meanwhile. Any thread may call; one source file
// per family of operations.
//
// How a change is made: the mutexes of the inodes it concerns are taken (in order of id), one transaction reads the
// facts, checks access, and writes; then the new attributes are published with the transaction's Lsn. Readers use what
// is published, without a lock, and rest on its Lsn, unless it is an unstable write's. Contents go to their object
// before the transaction that records them; where the KvStore takes them along, they need no sync of their own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/function_ref.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "store/data/data_store.hpp"
#include "store/kv/kv_store.hpp"
#include "vfs/checked.hpp"
#include "vfs/ditto/announcement.hpp"
#include "vfs/ditto/change_counters.hpp"
#include "vfs/ditto/extents.hpp"
#include "vfs/ditto/ids.hpp"
#include "vfs/ditto/locks.hpp"
#include "vfs/ditto/step.hpp"
#include "vfs/file_system.hpp"
#include "vfs/inode.hpp"
#include "vfs/keys.hpp"
#include "vfs/node_table.hpp"
#include "vfs/records.hpp"
#include "vfs/rollbacks.hpp"

namespace ditto::vfs {

class Verifier;

struct DittoFsOptions {
  /// Of the root directory, when the store is new.
  std::uint32_t root_mode = 0755;
  Principal root_owner = Principal::id(0), root_group = Principal::id(0);
  /// Inodes kept in memory beyond those in use; each takes node_memory_bytes.
  std::size_t nodes_in_memory = 65536;
  /// Whether reads move access times, by the rules of relatime.
  bool access_times = true;
  /// Whether reads compare what the disk gives with its checksums, where there are some.
  bool verify_reads = false;
  /// How long nobody must have written to a file before its contents get checksums.
  std::chrono::seconds quiet_time{30};
  std::uint32_t link_max = 0x7fffffff;
  /// Files up to this size live in the KvStore, beside their attributes. Writing a new one of 16 KiB takes 56 us of CPU
  /// there and 340 us as an object, one of 4 KiB 25 us; but each change of an inline file writes all of it.
  std::uint64_t inline_limit = 16 * 1024;
  /// Keeps some of the 47 bits of a name's hash only: for tests of colliding names. The same for the life of a store.
  std::uint64_t name_hash_mask = ~std::uint64_t{0};
};

struct CheckRequest {
  bool repair = false;
  /// Whether to read all contents, too, and compare them with their checksums.
  bool contents = false;
};

/// What a check of a whole store found. Leftovers are objects that a crash kept from being attached to a file, and
/// notes on what is gone: nobody lost anything, repair gives their space back. The bytes are those of objects that were
/// read; unverified ones have no checksum yet.
struct CheckSummary {
  std::uint64_t inodes = 0, entries = 0, objects = 0;
  std::uint64_t problems = 0, repaired = 0, leftovers = 0;
  std::uint64_t verified_bytes = 0, unverified_bytes = 0;
};

class DittoFs final : public FileSystem, private store::StoreListener {
 public:
  static constexpr std::size_t xattr_name_limit = 255;
  static constexpr std::size_t xattr_value_limit = 64 * 1024;
  /// Xattrs of one node, so that listing them stays one reply.
  static constexpr std::size_t xattr_count_limit = 256;
  /// Streams of one node, so that they go in one transaction with it.
  static constexpr std::size_t stream_count_limit = 1024;

  /// Makes the root of a new store; raises the incarnation, durably, before it returns. Takes the same time whatever
  /// the number of files. Blocks. The error is a sentence for whoever started the server.
  static std::expected<std::unique_ptr<DittoFs>, std::string> open(store::KvStore& kv, store::DataStore& data,
                                                                   const Clock& clock, Random& random, Log& log,
                                                                   const DittoFsOptions& options = {});
  /// Writes back what is pending and waits for it. Nobody may have a node pinned.
  ~DittoFs() override;

  NodeId root() const noexcept override { return root_; }
  Result<NodePin> pin(Context& context, NodeId id) override;
  Result<void> hold(Context& context, Node& node) override;
  void release(Node& node) noexcept override;

  Result<Attributes> getattr(Context& context, Node& node) override;
  Result<Access> access(Context& context, Node& node, Access wanted) override;
  Result<std::shared_ptr<const Acl>> getacl(Context& context, Node& node) override;
  Result<std::string> path(Context& context, Node& node, NodeId top) override;
  Result<Change> setattr(Context& context, Node& node, const SetAttributes& changes,
                         const std::optional<Timestamp>& guard) override;

  Result<Entry> lookup(Context& context, Node& directory, std::string_view name, NameMatch match) override;
  Result<Created> create(Context& context, Node& directory, std::string_view name,
                         const CreateRequest& request) override;
  Result<Linked> link(Context& context, Node& node, Node& directory, std::string_view name) override;
  Result<Removed> remove(Context& context, Node& directory, std::string_view name, RemoveKind kind) override;
  Result<Renamed> rename(Context& context, Node& from, std::string_view from_name, Node& to,
                         std::string_view to_name) override;
  Result<ReaddirResult> readdir(Context& context, Node& directory, std::uint64_t cookie, bool with_attributes,
                                FunctionRef<bool(const DirectoryEntry&)> visit) override;
  Result<std::string> readlink(Context& context, Node& node) override;

  Result<ReadResult> read(Context& context, Node& node, std::uint64_t offset, std::uint32_t count) override;
  Result<WriteResult> write(Context& context, Node& node, std::uint64_t offset, const BufferChain& data,
                            Stability stability) override;
  Result<Change> commit(Context& context, Node& node, std::uint64_t offset, std::uint64_t count) override;
  std::uint64_t write_verifier() const noexcept override;
  Result<Sought> seek(Context& context, Node& node, std::uint64_t offset, Content what) override;
  Result<Change> allocate(Context& context, Node& node, std::uint64_t offset, std::uint64_t length) override;
  Result<Change> deallocate(Context& context, Node& node, std::uint64_t offset, std::uint64_t length) override;
  Result<Change> clone(Context& context, const CloneSource& from, Node& to, std::uint64_t to_offset,
                       std::uint64_t length) override;

  Result<FileSystemStatus> status(Context& context) override;
  FileSystemLimits limits() const noexcept override;

  Result<std::string> getxattr(Context& context, Node& node, std::string_view name) override;
  Result<Change> setxattr(Context& context, Node& node, std::string_view name, Bytes value, XattrMode mode) override;
  Result<Change> removexattr(Context& context, Node& node, std::string_view name) override;
  Result<std::vector<std::string>> listxattr(Context& context, Node& node) override;

  Result<Entry> stream_directory(Context& context, Node& node, bool make) override;

  std::uint64_t store_id() const noexcept override { return header_.store_id; }
  const crypto::SipHashKey& filehandle_key() const noexcept override { return header_.filehandle_key; }
  Lsn durable() const noexcept override { return kv_.durable(); }
  void when_durable(DurableWait& wait) override { kv_.when_durable(wait); }
  Result<void> write_out(Lsn lsn) override { return kv_.write_out(lsn); }
  ChangeObserver* observer(FunctionRef<std::unique_ptr<ChangeObserver>()> make) override;
  void maintain(Timestamp now) override;

  /// DittoFsOptions::nodes_in_memory from now on. Any thread.
  void set_nodes_in_memory(std::size_t nodes) noexcept { table_.set_capacity(nodes); }
  /// How many there are.
  std::size_t nodes_in_memory() const noexcept { return table_.size(); }

  /// DittoFsOptions::verify_reads from now on. Any thread.
  void set_verify_reads(bool verify) noexcept { verify_reads_.store(verify, std::memory_order_relaxed); }

  /// Raised at each start, durably, before the first request.
  std::uint64_t incarnation() const noexcept { return incarnation_.number; }

  /// Walks the whole store and says in `line` what is wrong with it and, where it repairs, what was done about it;
  /// `progress` hears now and then how far it is. Nothing else may use the file system meanwhile. Blocks.
  Result<CheckSummary> check_store(const CheckRequest& request, FunctionRef<void(std::string_view)> line,
                                   FunctionRef<void(const CheckSummary&)> progress);

 private:
  DittoFs(store::KvStore& kv, store::DataStore& data, const Clock& clock, Log& log, const DittoFsOptions& options);
  std::expected<void, std::string> start(Random& random);
  void close();

  void rolled_back(Lsn durable) override;
  void made_durable(Lsn lsn) override;

  // ditto_fs.cpp: nodes and transactions.
  static Inode& inode_of(Node& node) noexcept { return static_cast<Inode&>(node); }
  /// The state to answer from, which the answer then rests on: read from the store when it is not in memory or older
  /// than a rollback. Stale when the node is gone, or removed and nobody holds it.
  Result<InodeView> usable(Context& context, Inode& inode);
  /// Reads the inode from the store; the caller holds its mutex.
  Result<void> refresh(Context& context, Inode& inode);
  Result<InodePin> pin_inode(Context& context, NodeId id);
  /// Locks, in order, and brings each up to date; Stale when one is gone.
  Result<InodeLocks> lock(Context& context, std::initializer_list<Inode*> inodes);
  /// Runs `body` in a transaction. The answer rests on it, unless it is an unstable write's.
  Result<Stamp> transact(Context& context, FunctionRef<Result<void>(Step&)> body, Publish how = Publish::Stable);
  /// The same for a change that `announcement` is to tell.
  Result<Stamp> transact(Context& context, Announcement& announcement, FunctionRef<Result<void>(Step&)> body,
                         Publish how = Publish::Stable);
  Announcement announce(const Context& context) const noexcept { return {observer_.load(), root_, context.by}; }
  /// Publishes what a transaction did to `draft`.
  static void publish(const Draft& draft, Stamp stamp, Publish how = Publish::Stable) noexcept;
  Result<std::uint64_t> new_id(Context& context, IdPool& pool);
  Result<void> reserve_ids();

  // streams.cpp.
  struct Glimpse;
  /// What a node is like just now, without its mutex.
  Result<Glimpse> glimpse(Context& context, NodeId id);
  /// Brings what a node beside the tree has of its file up to date. Stale when it has gone with the file.
  Result<void> share_rights(Context& context, Inode& inode);
  Result<NodeId> make_stream_directory(Context& context, Inode& file);
  /// The file whose streams a directory holds, pinned; none for a directory of the tree.
  Result<InodePin> file_of(Context& context, const InodeRecord& directory);

  // Names.
  Result<std::optional<EntryHit>> find_entry(Context& context, Inode& directory, std::string_view name,
                                             SearchFor what = SearchFor::ExactName);
  class Listing;
  struct Creation;
  Result<void> create_step(Context& context, Step& step, Creation& creation);
  Result<Created> found_instead(Context& context, const Creation& creation);
  struct Removal;
  Result<void> remove_step(Context& context, Step& step, Removal& removal);
  struct Move;
  Result<void> rename_step(Context& context, Step& step, Move& move);
  Result<void> check_move(Context& context, Step& step, Move& move);
  void apply_move(Step& step, Move& move);
  /// The inode that `name` means just now, pinned, or none. Stale: it went away meanwhile.
  Result<InodePin> resolve(Context& context, Inode& directory, std::string_view name);
  /// Whether anybody but the caller, who has it pinned once, is at work on `inode`.
  static bool in_use(const Inode& inode) noexcept { return inode.pins() > 1 || inode.holds.load() > 0; }
  /// What an operation answers whose names would not hold still.
  static Error contended(const Context& context) noexcept {
    return context.blocking == Blocking::Never ? Error::WouldBlock : Error::Delay;
  }
  static constexpr int name_attempts = 8;

  // Data. `inode` is locked, `state` is its state.
  struct Write;
  Result<InodeLocks> lock_to_write(Context& context, Inode& inode, const Write& write);
  Result<Lsn> unverify(Context& context, Inode& inode, std::uint64_t from, std::uint64_t to);
  Result<WriteResult> write_inline(Context& context, Inode& inode, const Write& write);
  Result<WriteResult> write_object(Context& context, Inode& inode, const Write& write);
  // contents.cpp
  /// The extents of a range, and `state` as it was when they were so.
  Result<Extents> extents_of(Context& context, InodeState& state, std::uint64_t from, std::uint64_t to);
  Result<Extents> extents_of(const InodeRecord& record, std::uint64_t from, std::uint64_t to);
  Result<void> read_segments(Context& context, ObjectId own, std::span<const ExtentRecord> extents,
                             std::uint64_t offset, MutableBytes into);
  Result<void> read_contents(Context& context, const InodeRecord& record, std::uint64_t offset, MutableBytes into);
  /// The first data, or hole, from `offset` on and before the file's end.
  Result<std::optional<std::uint64_t>> next_content(const InodeRecord& record, std::uint64_t offset, Content what);
  // unshare.cpp
  Result<void> unshare(Context& context, Inode& inode, std::uint64_t from, std::uint64_t to);
  Result<void> own_piece(Context& context, Inode& inode, const ExtentRecord& piece);
  // clone.cpp
  struct Clone;
  Result<Change> clone_small(Context& context, Clone& clone);
  Result<Stamp> clone_extents(Context& context, Clone& clone);
  Result<void> prepare_clone(Context& context, Clone& clone);
  Result<void> make_base(Context& context, Clone& clone);
  Result<void> copy_checksums(ObjectId from, ObjectId to, std::uint64_t groups);
  Result<void> keep_checksums(Clone& clone);
  static Result<void> share_source(Step& step, const Clone& clone, InodeRecord& source);
  Result<void> clone_step(Context& context, Step& step, Clone& clone);
  void publish_clone(Clone& clone, Stamp stamp);
  Result<void> settle_clone(Context& context, const Clone& clone, Lsn cloned);
  void punch_shared(Inode& inode, std::uint64_t from, std::uint64_t to);
  Result<Change> punch(Context& context, Inode& inode, std::uint64_t from, std::uint64_t to);
  Result<Stamp> announce_punch(Context& context, Inode& inode, std::uint64_t from, std::uint64_t to, Draft& draft);
  Result<Change> reserve(Context& context, Inode& inode, std::uint64_t offset, std::uint64_t length);
  Result<void> prepare_object(Context& context, Inode& inode);
  Result<void> attach_object(Context& context, Inode& inode, ObjectId object);
  bool fits_inline(const InodeRecord& record, std::uint64_t size) const noexcept {
    return record.object == 0 && size <= options_.inline_limit;
  }
  Result<void> move_inline_out(Context& context, Inode& inode, ObjectId object);
  Result<void> settle_tail(Context& context, Inode& inode);
  Result<void> settle_contents(Context& context, ObjectId object);
  /// Written: when this process has written to it. Always: what a killed process left unsynced, too.
  enum class SyncWhen : std::uint8_t { Written, Always };
  Result<void> sync_object(Context& context, Inode& inode, SyncWhen when = SyncWhen::Written);
  Result<Change> flush(Context& context, Inode& inode);
  Result<Change> make_durable(Context& context, Inode& inode);
  Result<Buffer> read_inline(Context& context, Inode& inode, InodeState& state);
  Result<void> read_object(Context& context, ObjectId object, std::uint64_t offset, MutableBytes into);
  struct Range {
    std::uint64_t offset, length;
  };
  Result<Buffer> read_bytes(Context& context, Inode& inode, InodeState& state, const Range& range);
  Result<Buffer> read_verified(Context& context, Inode& inode, const InodeState& state, const Range& range,
                               std::span<const ExtentRecord> extents);
  Result<void> resize(Step& step, Draft& draft, std::uint64_t size, ObjectId object) const;
  Result<ObjectId> prepare_resize(Context& context, Inode& inode, std::uint64_t size);
  void after_resize(Inode& inode, const InodeRecord& old, const Draft& draft, Stamp stamp);
  void note_access(Context& context, Inode& inode);

  // Background. The lists of what is to be written back or synced keep their inodes pinned.
  std::size_t max_dirty() const noexcept { return table_.capacity() / 4; }
  void enlist(Inode& inode);
  bool too_many_dirty() const noexcept;
  void owe_sync(Inode& inode);
  void sync_owed();
  void write_back();
  void write_back_some(std::span<InodePin> inodes);
  void follow_fence(Context& context, Inode& inode);
  struct Orphan;
  Result<std::vector<Orphan>> next_orphans(NodeId after);
  void reclaim_inodes();
  void give_back(const Orphan& orphan, std::vector<Orphan>& gone);
  Result<std::vector<Orphan>> streams_of(const Orphan& orphan);
  bool release_shared(const Orphan& orphan);
  Result<void> erase_orphan(Step& step, const Orphan& orphan);
  void erase_orphans(std::span<const Orphan> gone);
  void reclaim_objects();
  void reclaim_ranges();
  Result<void> shrink_away(ObjectId object);
  void drop_checksums(ObjectId object);
  void data_lost(std::string_view why);

  store::KvStore& kv_;
  store::DataStore& data_;
  const Clock& clock_;
  Log& log_;
  const DittoFsOptions options_;
  std::atomic<bool> verify_reads_;
  // Set by start(), the same ever after.
  HeaderRecord header_;
  IncarnationRecord incarnation_;
  ChangeCounters counters_;
  NodeId root_;
  NameHash hash_{{}};

  Rollbacks rollbacks_;
  SharedLists lists_;
  NodeTable table_;
  IdPool inode_numbers_, object_ids_;
  std::mutex reserve_mutex_;  // one reservation at a time

  std::atomic<std::uint64_t> data_losses_{0};  // times that unstable data may be lost; part of the verifier

  mutable std::mutex dirty_mutex_;  // guards dirty_ and owed_; a leaf
  std::vector<InodePin> dirty_;
  std::vector<InodePin> owed_;  // answered as stable on an asynchronous share, and not synced yet

  std::mutex observer_mutex_;  // guards making it
  std::unique_ptr<ChangeObserver> own_observer_;
  std::atomic<ChangeObserver*> observer_{nullptr};

  const std::unique_ptr<Verifier> verifier_;  // keeps inodes pinned: goes before table_

  friend class DittoFsCheck;
  friend class Verifier;
};

}  // namespace ditto::vfs
