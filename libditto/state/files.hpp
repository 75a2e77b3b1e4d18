// All files that something is held on, in shards with a lock each, and the bridge between that and the operations that
// are in flight without a lock: a word on the node (the gate's), which says whom what is held concerns, and who is in
// flight. Before anything is given that excludes others, the word says so, and then nobody whom it excludes may be in
// flight; so nobody passes between looking and doing. Any thread; one lock at a time.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/function_ref.hpp"
#include "state/file_state.hpp"

namespace ditto::state {

/// The node that a file's state is about: keeps it in memory, and owns its word. Made by the gate, one for each file
/// with state; used under the file's lock.
class Anchor {
 public:
  struct InFlight {
    std::uint32_t readers = 0, writers = 0;
  };
  virtual ~Anchor() = default;
  /// The share by whose tree the node was reached; a node belongs to one.
  virtual std::uint64_t share() const noexcept { return 0; }
  /// From now on readers, or writers, look closer before they enter.
  virtual void concern(bool readers, bool writers) noexcept = 0;
  virtual InFlight in_flight() const noexcept = 0;
  /// Counts an operation in, whatever the word says.
  virtual void count_in(bool writes) noexcept = 0;
};
using MakeAnchor = FunctionRef<std::unique_ptr<Anchor>()>;

/// How a request waits, should it have to: as which ticket, and until when. What it needs from others is recalled at
/// once, and they have until `recall_by` to give it.
struct Wait {
  TicketId ticket = 0;
  Moment until = never;
  Moment recall_by = never;
  Moment since = 0;
  /// It will tell size and change counter: FileState::know(), as of `known_since`.
  bool knows = false;
  Moment known_since = 0;
};

class Files {
 public:
  explicit Files(WaitGraph& graph) noexcept : graph_(graph) {}

  /// The slow way into a node: on Proceed it is counted in. None: nothing is held there, so the fast way is open.
  /// When the verdict is Wait, the request is parked.
  std::optional<Verdict> enter(const FileKey& file, Operation operation, const Actor& actor, const ByteRange& range,
                               const Wait& wait, Effects& effects);
  /// FileState::open; parked when it has to wait.
  Verdict open(const FileKey& file, MakeAnchor make, const Open& wanted, Operation how, const Wait& wait,
               Effects& effects, const Promise* promise = nullptr);
  Verdict upgrade(const FileKey& file, OpenId id, const ShareMode& more, const Wait& wait, Effects& effects,
                  const Promise* promise = nullptr);
  /// FileState::reserve.
  void reserve(MakeAnchor make, ObjectRecord record);
  /// What is granted; none: nothing, or what is in flight forbids it just now.
  std::optional<Grant> grant(const FileKey& file, MakeAnchor make, const GrantTable::Wanted& wanted);
  /// The same, where the holder has the node open already.
  std::optional<Grant> grant(const FileKey& file, const GrantTable::Wanted& wanted);
  /// A lock of `holder`, once enter() has let it in: it comes Again when somebody was given a grant since, and an SMB
  /// lock that is to exclude readers or writers while some are in flight.
  LockOutcome lock(const FileKey& file, MakeAnchor make, const Holder& holder, const LockRequest& request, Moment now,
                   Effects& effects);

  /// Anything else: `body(FileState&)` under the file's lock. False: nothing is held there.
  template <class Body>
  bool with(const FileKey& file, Body body) {
    const Locked locked(shard_of(file), file);
    if (!locked) return false;
    body(locked->state);
    return true;
  }
  /// Each file in turn, under its lock; for what an administrator asks.
  void each(FunctionRef<void(const FileKey&, const FileState&)> visit) const;

  /// All that is held in the tree of a share goes, and whoever waits there is told that it is cancelled. The files that
  /// it was about.
  std::vector<FileKey> drop_share(std::uint64_t share, Effects& effects);

  /// How many ranges clients have locked, and may.
  LockCounts& lock_counts() noexcept { return lock_counts_; }
  const LockCounts& lock_counts() const noexcept { return lock_counts_; }

  /// Deadlines that have passed; and when the next one does.
  void advance(Moment now, Effects& effects);
  Moment next_deadline() const noexcept;
  std::size_t size() const noexcept;

 private:
  struct File {
    File(const FileKey& key, Files& files, std::unique_ptr<Anchor> held)
        : state(key, files.graph_, held ? held->share() : 0, &files.lock_counts_), anchor(std::move(held)) {}
    FileState state;
    std::unique_ptr<Anchor> anchor;
    Moment deadline = never;  // as it stands in Shard::deadlines
  };
  using Map = std::unordered_map<FileKey, std::unique_ptr<File>, FileKeyHash>;
  struct Shard {
    mutable std::mutex mutex;  // guards the rest
    Map files;
    std::set<std::pair<Moment, FileKey>> deadlines;
  };
  static constexpr std::size_t shard_count = 64;

  Shard& shard_of(const FileKey& file) noexcept { return shards_[(FileKeyHash{}(file) >> 32U) % shard_count]; }
  /// A file under its shard's lock, settled at the end.
  class Locked {
   public:
    Locked(Shard& shard, const FileKey& file) : shard_(shard), lock_(shard.mutex), found_(shard.files.find(file)) {}
    /// Made when nothing is held there yet.
    Locked(Files& files, const FileKey& file, MakeAnchor make);
    ~Locked() {
      if (*this) settle(shard_, found_);
    }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;
    explicit operator bool() const noexcept { return found_ != shard_.files.end(); }
    File& operator*() const noexcept { return *found_->second; }
    File* operator->() const noexcept { return found_->second.get(); }

   private:
    Shard& shard_;
    const std::lock_guard<std::mutex> lock_;
    Map::iterator found_;
  };
  static Verdict park_if_told(File& file, const Verdict& verdict, const Holder& holder, const Wait& wait);
  /// After any change: the word, the deadline, and whether anything is left.
  static void settle(Shard& shard, Map::iterator file);
  static std::optional<Grant> grant(File& file, const GrantTable::Wanted& wanted);
  /// The word concerns `readers` and `writers` until settle(); true: none of them is in flight.
  static bool exclude(File& file, bool readers, bool writers) noexcept;

  WaitGraph& graph_;
  LockCounts lock_counts_;
  std::array<Shard, shard_count> shards_;
};

}  // namespace ditto::state
