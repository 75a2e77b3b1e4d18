// Time as one of Ditto's four doors to the world: handed in at construction, so that tests and simulations own it.
// Implementations are called from any thread.
#pragma once

#include <compare>
#include <cstdint>

namespace ditto {

/// Wall-clock time as file systems store it: seconds since 1970 (negative before) and nanoseconds 0 to 999,999,999.
struct Timestamp {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall-clock time, for timestamps in attributes.
  virtual Timestamp now() const noexcept = 0;
  /// Nanoseconds on a clock that never goes back, for deadlines and measurements.
  virtual std::uint64_t monotonic_ns() const noexcept = 0;
};

/// The machine's clocks.
Clock& system_clock() noexcept;

}  // namespace ditto
