// What a refusal of state/ means for an operation on a node. Pure.
#pragma once

#include "base/result.hpp"
#include "state/refusal.hpp"

namespace ditto::gate {

constexpr Error error_of(state::Refusal refusal) noexcept {
  switch (refusal) {
    case state::Refusal::ShareConflict:
    case state::Refusal::LockConflict:
    case state::Refusal::DeletePending:
    case state::Refusal::NotHeldBefore: return Error::Busy;
    case state::Refusal::TimedOut:
    case state::Refusal::Deadlock: return Error::Delay;
    case state::Refusal::Cancelled: return Error::Cancelled;
    case state::Refusal::LimitReached: return Error::Delay;
    case state::Refusal::NotLocked:
    case state::Refusal::NoSuchOpen:
    case state::Refusal::NotHeld:
    case state::Refusal::NotOpenedAs: return Error::InvalidArgument;
    default: return Error::Fault;  // of clients and sessions, never of a node
  }
}

}  // namespace ditto::gate
