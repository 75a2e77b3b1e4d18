// Why state/ refuses, in words of no protocol; each protocol version maps them once. Plain value.
#pragma once

#include <cstdint>
#include <expected>

namespace ditto::state {

enum class Refusal : std::uint8_t {
  ShareConflict,  // another open's deny bits forbid the access, or its access the deny bits
  LockConflict,   // a byte-range lock of another owner, or a mandatory one
  NotLocked,      // SMB: no lock of exactly this range
  Deadlock,       // waiting would close a circle of owners that wait for each other
  DeletePending,  // the file goes with its last open, and takes no new one
  NoSuchOpen,     // it was closed, or revoked
  NotHeld,        // the grant was returned, broken further, or revoked
  Cancelled,      // by whoever waited, or since it is gone
  TimedOut,       // its deadline came first
  LimitReached,   // one of the limits on opens, locks, grants or parked requests
  UpgradeOnly,    // a downgrade to what was never opened (RFC 8881, 18.18.3)
};

template <class T>
using Answer = std::expected<T, Refusal>;

[[nodiscard]] constexpr std::unexpected<Refusal> refuse(Refusal why) noexcept { return std::unexpected(why); }

}  // namespace ditto::state
