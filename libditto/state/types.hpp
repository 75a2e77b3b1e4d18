// The few words that every part of state/ uses: moments and the numbers of clients. Plain values, any thread.
#pragma once

#include <cstdint>
#include <limits>

namespace ditto::state {

/// Nanoseconds of Clock::monotonic_ns. State has no clock: whoever calls says what time it is.
using Moment = std::uint64_t;
/// The deadline of what never comes due.
inline constexpr Moment never = std::numeric_limits<Moment>::max();

/// How often the server has started, raised durably before the first request: the boot epoch in everything handed out.
using Incarnation = std::uint32_t;

/// An NFSv4 client's shorthand id: incarnation << 32 | number. 0 is nobody.
using ClientId = std::uint64_t;

constexpr Incarnation incarnation_of(ClientId id) noexcept { return static_cast<Incarnation>(id >> 32); }

/// `moment` + `span`, or never.
constexpr Moment after(Moment moment, std::uint64_t span_ns) noexcept {
  return span_ns > never - moment ? never : moment + span_ns;
}

}  // namespace ditto::state
