// DurableTracker: which change numbers of a store are durable, which were taken back, and who waits to hear of it. It
// is not the log and makes nothing durable itself: the engine tells it. advance() and take_back() come from one thread
// at a time; everything else from any thread. Waiters belong to their callers and are called outside every lock, in the
// order of their numbers.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "base/durable.hpp"
#include "base/result.hpp"
#include "store/kv/store_listener.hpp"

namespace ditto::store {

/// How many separate runs of lost numbers are told apart. Beyond it the two oldest become one, together with what lies
/// between: nobody asks any more about numbers that old, and if someone does, a false failure is safe where a false
/// success is not.
inline constexpr std::size_t max_lost_ranges = 1024;

class DurableTracker {
 public:
  /// Everything up to `durable` is durable since ever.
  explicit DurableTracker(Lsn durable) noexcept : durable_(durable) {}
  /// No number will come any more: whoever still waits is told Cancelled.
  ~DurableTracker();
  DurableTracker(const DurableTracker&) = delete;
  DurableTracker& operator=(const DurableTracker&) = delete;

  Lsn durable() const noexcept { return durable_.load(std::memory_order_acquire); }

  /// Calls wait.done once its number is durable or lost; at once, on this thread, when that is known already.
  void when_durable(DurableWait& wait);
  /// Blocks until `lsn` is durable or lost.
  Result<void> wait_durable(Lsn lsn);

  /// Set before the first number. Hears of each advance before anybody else; of what is taken back the store tells it.
  void set_listener(StoreListener* listener) noexcept { listener_ = listener; }

  /// Everything up to `durable` is durable, and whoever waited for it is told. A smaller number than before changes
  /// nothing.
  void advance(Lsn durable);
  /// Every number of [first, last] is lost for the reason `why`, unless it was lost before, and whoever waited for one
  /// is told.
  void take_back(Lsn first, Lsn last, Error why);

 private:
  struct LostRange {
    Lsn first;
    Lsn last;
    Error why;
  };

  const LostRange* find_lost(Lsn lsn) const;
  void remember_lost(LostRange range);

  std::atomic<Lsn> durable_;            // written under mutex_, read anywhere
  std::atomic<bool> any_lost_ = false;  // lost_ is not empty; set before durable_ passes the lost numbers
  StoreListener* listener_ = nullptr;
  std::mutex mutex_;                // guards waiting_ and lost_
  DurableWait* waiting_ = nullptr;  // newest first
  std::vector<LostRange> lost_;     // ascending, not overlapping
};

}  // namespace ditto::store
