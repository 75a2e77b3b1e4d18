#include "nfs/nlm/status.hpp"

namespace ditto::nlm {

nlm4_stats status_of(Error error) noexcept {
  using enum nlm4_stats;
  switch (error) {
    case Error::NotFound:
    case Error::Stale:
    case Error::BadHandle: return NLM4_STALE_FH;
    case Error::ReadOnly: return NLM4_ROFS;
    case Error::FileTooBig: return NLM4_FBIG;
    case Error::Busy: return NLM4_DENIED;
    case Error::NoSpace:
    case Error::QuotaExceeded: return NLM4_DENIED_NOLOCKS;
    // The one status after which every client simply asks again in a while.
    case Error::WouldBlock:
    case Error::Delay:
    case Error::Cancelled: return NLM4_DENIED_GRACE_PERIOD;
    case Error::NotPermitted:
    case Error::AccessDenied:
    case Error::Exists:
    case Error::NotDirectory:
    case Error::IsDirectory:
    case Error::NotEmpty:
    case Error::NotSymlink:
    case Error::WrongType:
    case Error::InvalidArgument:
    case Error::BadName:
    case Error::NameTooLong:
    case Error::TooManyLinks:
    case Error::CrossDevice:
    case Error::BadCookie:
    case Error::NotSync:
    case Error::TooSmall:
    case Error::NoAttribute:
    case Error::NotSupported:
    case Error::Io:
    case Error::Corrupt:
    case Error::Fault: return NLM4_FAILED;
  }
  return NLM4_FAILED;
}

nlm4_stats status_of(const gate::Obstacle& obstacle) noexcept {
  using enum nlm4_stats;
  if (obstacle.refusal() == state::Refusal::Deadlock) return NLM4_DEADLCK;
  if (obstacle.refusal() == state::Refusal::LimitReached) return NLM4_DENIED_NOLOCKS;
  return status_of(obstacle.error());
}

nlm4_stats status_of(const state::LockOutcome& outcome) noexcept {
  using enum nlm4_stats;
  switch (outcome.kind) {
    case state::LockOutcome::Kind::Granted: return NLM4_GRANTED;
    case state::LockOutcome::Kind::Denied: return NLM4_DENIED;
    case state::LockOutcome::Kind::Parked: return NLM4_BLOCKED;
    case state::LockOutcome::Kind::Again: return NLM4_DENIED_GRACE_PERIOD;
    case state::LockOutcome::Kind::Refused: return status_of(gate::Obstacle(outcome.refusal));
  }
  return NLM4_FAILED;
}

}  // namespace ditto::nlm
