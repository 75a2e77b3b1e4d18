#include "store/disk_space.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <utility>

namespace ditto::store {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t longest_age_ns = 250 * ms;
/// While the reserve is touched, whoever makes room wants to see it soon.
constexpr std::uint64_t longest_age_when_full_ns = 20 * ms;
/// Less than this taken is no reason to ask again.
constexpr std::uint64_t least_taken_bytes = 64 << 10;

}  // namespace

DiskSpace::DiskSpace(std::string path, const Clock& clock, std::uint64_t reserve_bytes)
    : path_(std::move(path)), clock_(clock), reserve_bytes_(reserve_bytes) {
  refresh(clock_.monotonic_ns());
}

bool DiskSpace::has_room(std::uint64_t size_bytes) noexcept {
  const std::uint64_t left = available();
  return left >= reserve_bytes_ && left - reserve_bytes_ >= size_bytes;
}

Result<Space> DiskSpace::read() const {
  struct statvfs status{};
  if (::statvfs(path_.c_str(), &status) != 0) return fail(Error::Io);
  const std::uint64_t block = status.f_frsize;
  const auto without_reserve = [&](std::uint64_t bytes) { return bytes - std::min(bytes, reserve_bytes_); };
  return Space{.total_bytes = status.f_blocks * block,
               .free_bytes = without_reserve(status.f_bfree * block),
               .available_bytes = without_reserve(status.f_bavail * block),
               .total_files = status.f_files,
               .free_files = status.f_favail};
}

std::uint64_t DiskSpace::available() noexcept {
  const std::uint64_t now = clock_.monotonic_ns();
  const std::uint64_t age = now - std::min(now, read_at_ns_.load(std::memory_order_relaxed));
  const std::uint64_t last = last_available_.load(std::memory_order_relaxed);
  const std::uint64_t taken = taken_.load(std::memory_order_relaxed);
  const bool full = last < reserve_bytes_ + taken;
  // Half of what may be taken is gone: the estimate counts for something now.
  const bool doubtful = taken >= least_taken_bytes && (full || taken >= (last - reserve_bytes_) / 2);
  if (age >= (full ? longest_age_when_full_ns : longest_age_ns) || doubtful || stale_.load(std::memory_order_relaxed)) {
    refresh(now);
  }
  const std::uint64_t known = last_available_.load(std::memory_order_relaxed);
  return known - std::min(known, taken_.load(std::memory_order_relaxed));
}

void DiskSpace::refresh(std::uint64_t now_ns) noexcept {
  const std::unique_lock lock(refreshing_, std::try_to_lock);
  if (!lock) return;
  stale_.store(false, std::memory_order_relaxed);
  read_at_ns_.store(now_ns, std::memory_order_relaxed);
  struct statvfs status{};
  if (::statvfs(path_.c_str(), &status) != 0) return;
  taken_.store(0, std::memory_order_relaxed);
  last_available_.store(std::uint64_t{status.f_bavail} * status.f_frsize, std::memory_order_relaxed);
}

}  // namespace ditto::store
