// Overlay: the changes that are visible but not yet in the durable state below, in memory. It is a short list of
// generations, each an ordered table of versions: the youngest takes new changes, the older one is being applied. It
// knows no disk. One thread at a time publishes (the store's writer lock sees to it) and one moves generations on (the
// checkpointer); any number reads without a lock. A pinned list keeps its generations alive and
// unchanged below its ceiling.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/durable.hpp"
#include "store/kv/reader_slots.hpp"
#include "store/kv/version_table.hpp"
#include "store/kv/write_set.hpp"

namespace ditto::store {

/// The most generations that exist at once: one that takes changes, one being applied.
inline constexpr std::size_t max_generations = 2;

/// How much has been published and is not in the durable state yet.
struct Backlog {
  std::size_t size_bytes = 0;  // memory
  std::size_t entries = 0;     // versions
};

class Generation {
 public:
  const VersionTable& table() const noexcept { return table_; }
  /// The number of its last change; 0 while it has none.
  Lsn last() const noexcept { return last_.load(std::memory_order_acquire); }
  /// For its publisher, and for everyone once it is frozen.
  Backlog backlog() const noexcept { return {table_.size_bytes(), entries_}; }

 private:
  friend class Overlay;
  VersionTable table_;
  std::atomic<Lsn> last_ = 0;  // stored after the versions are in, before the overlay's ceiling
  std::size_t entries_ = 0;    // guarded by the overlay's mutex
};

class Overlay {
 public:
  /// Numbers continue behind `last`.
  explicit Overlay(Lsn last);
  ~Overlay();
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;

  /// What a reader may look at: every version up to `ceiling` that is not in the durable state is in `generations`,
  /// youngest first.
  struct Pinned {
    Lsn ceiling;
    std::span<const std::shared_ptr<Generation>> generations;
  };
  /// `slot` is the caller's from ReaderSlots; unpin() before it goes back.
  Pinned pin(std::size_t slot) noexcept;
  void unpin(std::size_t slot) noexcept;

  /// The number of the last change that was published.
  Lsn last() const noexcept { return ceiling_.load(); }

  /// Makes `writes` visible as change `lsn`, which is greater than every one before. Half a change must never show: out
  /// of memory ends the process.
  void publish(const WriteSet& writes, Lsn lsn) noexcept;

  /// Closes the generation that takes changes and opens another; null when it has none yet. drop() it before the next
  /// one.
  std::shared_ptr<const Generation> freeze();
  /// Takes `generation`, whose changes the durable state now holds, off the list.
  void drop(const Generation& generation);
  /// Takes every change above `keep` off the list; what remains is one generation, which takes changes. A frozen one is
  /// no longer listed then. Nobody publishes meanwhile.
  void discard_after(Lsn keep);

  Backlog backlog() const noexcept;

 private:
  using Generations = std::vector<std::shared_ptr<Generation>>;
  struct alignas(cache_line_bytes) Hazard {
    std::atomic<const Generations*> list = nullptr;
  };

  using Retired = std::vector<std::unique_ptr<const Generations>>;

  /// Replaces the list. What comes back is no longer looked at by anyone; it is to be destroyed outside the lock.
  [[nodiscard]] Retired install(Generations list);

  std::atomic<Lsn> ceiling_;                     // written under mutex_ by publish(); numbers never go back
  std::atomic<const Generations*> current_;      // replaced under mutex_; what it points to never changes
  std::array<Hazard, max_reader_slots> pinned_;  // by slot: the list that its reader looks at, so it must not go
  std::atomic<std::size_t> backlog_bytes_ = 0;   // written under mutex_
  std::atomic<std::size_t> backlog_entries_ = 0;
  std::mutex mutex_;  // guards replacing current_, filling its youngest, and retired_
  Retired retired_;   // replaced, but perhaps still looked at
};

}  // namespace ditto::store
