// Which files a delegation was recalled of a moment ago: nobody gets another one so soon, since who shares a file would
// only pass it to and fro. In a fixed room: where more files are recalled than it holds, the latest are known, and of
// the others one may be given too early, which costs another recall. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "state/types.hpp"

namespace ditto::nfs4 {

class RecalledLately {
 public:
  static constexpr state::Moment rests_for = 5 * state::one_second;

  void note(const state::FileKey& file, state::Moment now) noexcept {
    const std::uint64_t hash = state::FileKeyHash{}(file);
    place_of(hash).store(tag_of(hash) | milliseconds(now + rests_for), std::memory_order_relaxed);
  }
  bool has(const state::FileKey& file, state::Moment now) const noexcept {
    const std::uint64_t hash = state::FileKeyHash{}(file);
    const std::uint64_t there = place_of(hash).load(std::memory_order_relaxed);
    return (there & ~time_bits) == tag_of(hash) && milliseconds(now) < (there & time_bits);
  }

 private:
  // A place is 24 bits of whose it is, and 40 of a time in milliseconds, which is 34 years.
  static constexpr std::uint64_t time_bits = (std::uint64_t{1} << 40U) - 1;
  static constexpr std::size_t place_bits = 12;

  static std::uint64_t milliseconds(state::Moment moment) noexcept {
    return moment / (state::one_second / 1000) & time_bits;
  }
  static std::uint64_t tag_of(std::uint64_t hash) noexcept { return hash & ~time_bits; }
  std::atomic<std::uint64_t>& place_of(std::uint64_t hash) noexcept { return places_[index_of(hash)]; }
  const std::atomic<std::uint64_t>& place_of(std::uint64_t hash) const noexcept { return places_[index_of(hash)]; }
  static std::size_t index_of(std::uint64_t hash) noexcept { return (hash & time_bits) >> (40U - place_bits); }

  static constexpr std::size_t places = std::size_t{1} << place_bits;
  std::array<std::atomic<std::uint64_t>, places> places_{};
};

}  // namespace ditto::nfs4
