// Writability: whether a store still takes changes, and if not, why not and since when. It only ever goes from yes to
// no, by whichever part's disk fails first, and stays there until the store is opened again. Not a full disk, which may
// have room again. Any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace ditto::store {

/// For people: sentences without a full stop at their end.
struct ReadOnlyCause {
  std::string reason;
  std::string remedy;
  Timestamp since;
};

class Writability {
 public:
  /// `clock` outlives it.
  explicit Writability(const Clock& clock) noexcept : clock_(clock) {}

  bool read_only() const noexcept { return read_only_.load(std::memory_order_acquire); }
  /// Nothing while the store takes changes.
  std::optional<ReadOnlyCause> cause() const;

  /// Under the store's writer lock, so that no transaction is half way. The first cause stays. Returns the line for the
  /// log, to be written without the lock.
  [[nodiscard]] std::string become_read_only(std::string reason, std::string remedy);

 private:
  const Clock& clock_;
  std::atomic<bool> read_only_ = false;
  mutable std::mutex mutex_;  // guards cause_; a leaf
  std::optional<ReadOnlyCause> cause_;
};

}  // namespace ditto::store
