// Inode numbers and object ids, none of which is ever given out twice: not after a crash, not after a rollback. They
// come from ranges that were reserved in the store, durably, before the first of them is used. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace ditto::vfs {

class IdPool {
 public:
  /// Numbers reserved at once. A restart wastes what is left; 2^64 outlasts it.
  static constexpr std::uint64_t block = 65536;

  /// The next number, or nothing when all that was reserved is used up.
  std::optional<std::uint64_t> take() noexcept {
    const std::lock_guard lock(mutex_);
    if (current_.next == current_.end) current_ = std::exchange(spare_, {});
    if (current_.next == current_.end) return std::nullopt;
    return current_.next++;
  }
  /// A range from `first` on that is reserved and durable.
  void add(std::uint64_t first, std::uint64_t end) noexcept {
    const std::lock_guard lock(mutex_);
    (current_.next == current_.end ? current_ : spare_) = {first, end};
  }
  bool low() const noexcept {
    const std::lock_guard lock(mutex_);
    return spare_.next == spare_.end && current_.end - current_.next < block / 2;
  }

 private:
  struct Range {
    std::uint64_t next = 0, end = 0;
  };
  mutable std::mutex mutex_;  // guards the ranges; a leaf
  Range current_, spare_;
};

}  // namespace ditto::vfs
