// Memory for replies that are kept so that a retry gets the same bytes: one count for all sessions and owners. Taken
// before it is used, given back when it is not. Any thread.
#pragma once

#include <atomic>
#include <cstddef>

#include "base/assert.hpp"

namespace ditto::state {

class ReplyBudget {
 public:
  explicit ReplyBudget(std::size_t limit) noexcept : limit_(limit) {}

  bool take(std::size_t bytes) noexcept {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > limit_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  void give_back(std::size_t bytes) noexcept {
    DITTO_ASSERT(used_.fetch_sub(bytes, std::memory_order_relaxed) >= bytes);
  }

  std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  std::size_t available() const noexcept { return limit_ - used(); }
  /// Less than a quarter is left: give only what somebody needs at once.
  bool is_short() const noexcept { return available() < limit_ / 4; }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace ditto::state
