// The ordered stream of what happens in a tree, and who watches which part of it. Changes come in the order of their
// Lsns, as they are committed, and are shown to nobody before they are durable, and before whoever looks sees what they
// have done; those that are taken back never are.
// Each watch has a ring of its own: when that is full, what is in it gives way to a mark that says so, and whoever
// watches looks at the directory itself. While nobody watches nothing is kept. Pure; used under its owner's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "state/changes/change.hpp"

namespace ditto::state {

using WatchId = std::uint64_t;

struct Watch {
  FileKey node;                       // a directory, or a file
  bool recursive = false;             // all that is below, too
  Happened to_itself{};               // what is told of the node itself
  Happened to_entries{};              // what is told of its entries, and of what is below
  ClientId not_by = nobody;           // whose own changes are left out
  std::size_t max_bytes = 64 * 1024;  // of the ring
};

/// A change as a watch sees it: `name` from the watched directory on, with '/' between; empty: the node itself.
struct Notice {
  Happened what{};
  std::string name;
  FileKey node;
  std::uint64_t cookie = 0;
  Lsn lsn = 0;
  Holder by{};
  std::uint64_t entry_cookie = 0;  // as TreeChange has it
};

class ChangeStream {
 public:
  /// Of changes that are not durable yet: beyond it they are not kept, and all who watch are told to look themselves.
  static constexpr std::size_t max_pending = 65536, max_pending_bytes = std::size_t{32} << 20;
  /// What a notice takes of a ring beside its name.
  static constexpr std::size_t notice_bytes = 64;

  /// Sees what is committed from now on, and what whoever looks does not see yet.
  void watch(WatchId id, const Watch& watch);
  void unwatch(WatchId id);
  bool watched() const noexcept { return !watches_.empty(); }
  /// Whether the whole way up is wanted in TreeChange::path, or one step is enough.
  bool wants_paths() const noexcept { return recursive_ != 0; }

  /// `changes` were committed as `lsn`, which is greater than all before.
  void committed(Lsn lsn, std::span<const TreeChange> changes);
  /// Whoever looks may not see what was committed as `lsn`, until it is visible: so long it is shown to nobody, nor
  /// what came behind it.
  void hold_back(Lsn lsn) { held_back_.push_back(lsn); }
  void visible(Lsn lsn, std::vector<WatchId>& ready);
  /// Something that whoever looks sees was not told: all who watch have to look.
  void missed(std::vector<WatchId>& ready);
  /// Whatever was committed above `kept` never happened.
  void taken_back(Lsn kept);
  /// Everything up to `durable` is shown. `ready`: watches that have something to take, and had nothing before.
  void durable(Lsn durable, std::vector<WatchId>& ready);

  struct Taken {
    std::vector<Notice> notices;
    bool overflow = false;  // something is missing: before all that is to come
  };
  /// What there is for a watch, where what repeats is there once, as much of it as `max_bytes` hold; at least one.
  Taken take(WatchId id, std::size_t max_bytes);

  std::size_t pending() const noexcept { return pending_.size(); }

 private:
  struct Pending {
    Lsn first = 0, last = 0;  // the same, unless
    TreeChange change;
    bool lost = false;  // what was committed as these was not kept
    std::size_t size_bytes() const noexcept { return lost ? 0 : size_of(change); }
  };
  struct Ring {
    Watch watch;
    Lsn since = 0;  // committed before it came
    std::deque<Notice> notices;
    std::size_t bytes = 0;
    bool overflow = false;
    bool empty() const noexcept { return notices.empty() && !overflow; }
  };
  static std::size_t size_of(const Notice& notice) noexcept { return notice_bytes + notice.name.size(); }
  static std::size_t size_of(const TreeChange& change) noexcept;
  void forget_pending() noexcept { pending_.clear(), pending_bytes_ = 0; }

  void show_all(std::vector<WatchId>& ready);
  void show(const Pending& pending, std::vector<WatchId>& ready);
  void lose(const Pending& pending, std::vector<WatchId>& ready);
  static bool repeats(const Ring& ring, const Notice& notice) noexcept;
  static void put(Ring& ring, const Notice& notice);
  static void overflow(Ring& ring) noexcept;

  std::map<WatchId, Ring> watches_;
  std::unordered_multimap<FileKey, WatchId, FileKeyHash> at_;
  std::size_t recursive_ = 0;
  std::deque<Pending> pending_;
  std::size_t pending_bytes_ = 0;
  std::deque<Lsn> held_back_;  // ascending
  Lsn last_ = 0, durable_ = 0;
};

}  // namespace ditto::state
