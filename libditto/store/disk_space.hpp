// DiskSpace: how much room the disk under a store has left, cheap enough to ask for every write. The system is asked a
// few times a second; in between, what was admitted since is subtracted. Part of the room is a reserve: file data and
// new names stop at it, so that what frees space always finds some. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/data/data_store.hpp"

namespace ditto::store {

/// What stays free on the disk for removals: LMDB writes new pages before it frees old ones.
inline constexpr std::uint64_t default_reserve_bytes = std::uint64_t{16} << 20;

class DiskSpace {
 public:
  /// `path` is on the disk in question.
  DiskSpace(std::string path, const Clock& clock, std::uint64_t reserve_bytes = default_reserve_bytes);

  /// Whether `size_bytes` more leave the reserve alone.
  bool has_room(std::uint64_t size_bytes) noexcept;
  /// Bytes that may have been taken from the disk since it was asked.
  void taken(std::uint64_t size_bytes) noexcept { taken_.fetch_add(size_bytes, std::memory_order_relaxed); }
  /// Something was freed: the next question goes to the system.
  void freed() noexcept { stale_.store(true, std::memory_order_relaxed); }

  std::uint64_t reserve_bytes() const noexcept { return reserve_bytes_; }
  /// As the system reports it now, with the reserve not counted as available.
  Result<Space> read() const;

 private:
  std::uint64_t available() noexcept;
  void refresh(std::uint64_t now_ns) noexcept;

  const std::string path_;
  const Clock& clock_;
  const std::uint64_t reserve_bytes_;
  // An estimate: the fields need not agree with each other.
  std::atomic<std::uint64_t> last_available_ = ~std::uint64_t{0};  // at read_at_ns_, reserve included
  std::atomic<std::uint64_t> read_at_ns_ = 0;
  std::atomic<std::uint64_t> taken_ = 0;  // since read_at_ns_
  std::atomic<bool> stale_ = true;
  std::mutex refreshing_;  // one thread asks the system; the others go by the last answer
};

}  // namespace ditto::store
