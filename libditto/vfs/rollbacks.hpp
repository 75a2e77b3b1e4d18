// Remembers when the KvStore took changes back. Facts in memory carry the epoch that they were read or written in; a
// rollback begins a new epoch, so that all of them are looked at again before they are used, without a walk over them.
// One per file system. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "base/durable.hpp"

namespace ditto::vfs {

/// A change, and the epoch in which it was made.
struct Stamp {
  Lsn lsn = 0;
  std::uint64_t epoch = 0;
};

class Rollbacks {
 public:
  /// What became of a change that may not have been durable. Unknown: too many rollbacks ago to say.
  enum class Fate { Kept, Lost, Unknown };

  std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }

  void note(Lsn durable) noexcept {
    const std::lock_guard lock(mutex_);
    const std::uint64_t ending = epoch_.load(std::memory_order_relaxed);
    durable_at_end_[ending % remembered] = durable;
    epoch_.store(ending + 1, std::memory_order_release);
  }

  Fate fate_of(Stamp change) const noexcept {
    const std::lock_guard lock(mutex_);
    const std::uint64_t now = epoch_.load(std::memory_order_relaxed);
    if (change.epoch == now || change.lsn == 0) return Fate::Kept;
    if (now - change.epoch > remembered) return Fate::Unknown;
    return change.lsn > durable_at_end_[change.epoch % remembered] ? Fate::Lost : Fate::Kept;
  }

 private:
  static constexpr std::size_t remembered = 64;

  mutable std::mutex mutex_;                      // guards durable_at_end_; a leaf
  std::array<Lsn, remembered> durable_at_end_{};  // by epoch: what was durable when it ended
  std::atomic<std::uint64_t> epoch_{0};           // number of rollbacks; raised under mutex_
};

}  // namespace ditto::vfs
