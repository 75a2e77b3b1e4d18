// Stateids of NFSv4, without their wire format: which client's, which of its states, and a sequence number that grows
// with every change, so that an old one is known as old (RFC 7530, 9.1.4; RFC 8881, 8.2). Plain values.
#pragma once

#include <cstdint>

#include "state/refusal.hpp"
#include "state/types.hpp"

namespace ditto::state {

struct StateId {
  std::uint32_t sequence = 0;
  ClientId client = nobody;
  std::uint32_t number = 0;  // among the client's, never used again
  friend bool operator==(const StateId&, const StateId&) = default;
};

/// Whether a sequence number of 0 stands for the current one (RFC 8881, 8.2.2), or is just old (NFSv4.0).
enum class ZeroSequence : bool { IsOld, IsCurrent };

/// OldStateId; BadStateId for one from the future. They wrap around, leaving out 0.
constexpr Answer<void> check_sequence(std::uint32_t given, std::uint32_t current, ZeroSequence zero) noexcept {
  if (given == current || (given == 0 && zero == ZeroSequence::IsCurrent)) return {};
  const bool old = given == 0 || current - given < 0x80000000U;
  return refuse(old ? Refusal::OldStateId : Refusal::BadStateId);
}

constexpr std::uint32_t next_sequence(std::uint32_t sequence) noexcept { return sequence + 1 == 0 ? 1 : sequence + 1; }

}  // namespace ditto::state
