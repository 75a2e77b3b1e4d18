#include "state/refusal.hpp"

namespace ditto::state {

std::string_view to_string(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::ShareConflict: return "ShareConflict";
    case Refusal::LockConflict: return "LockConflict";
    case Refusal::NotLocked: return "NotLocked";
    case Refusal::Deadlock: return "Deadlock";
    case Refusal::DeletePending: return "DeletePending";
    case Refusal::NoSuchOpen: return "NoSuchOpen";
    case Refusal::NotHeld: return "NotHeld";
    case Refusal::NotOpenedAs: return "NotOpenedAs";
    case Refusal::Cancelled: return "Cancelled";
    case Refusal::TimedOut: return "TimedOut";
    case Refusal::LimitReached: return "LimitReached";
    case Refusal::BadStateId: return "BadStateId";
    case Refusal::OldStateId: return "OldStateId";
    case Refusal::AdminRevoked: return "AdminRevoked";
    case Refusal::DelegRevoked: return "DelegRevoked";
    case Refusal::ClientIdInUse: return "ClientIdInUse";
    case Refusal::StaleClientId: return "StaleClientId";
    case Refusal::Expired: return "Expired";
    case Refusal::NoSuchOwner: return "NoSuchOwner";
    case Refusal::DifferentVerifier: return "DifferentVerifier";
    case Refusal::NotPermitted: return "NotPermitted";
    case Refusal::ClientIdBusy: return "ClientIdBusy";
    case Refusal::BadSession: return "BadSession";
    case Refusal::BadSlot: return "BadSlot";
    case Refusal::BadHighSlot: return "BadHighSlot";
    case Refusal::SequenceMisordered: return "SequenceMisordered";
    case Refusal::SequenceFalseRetry: return "SequenceFalseRetry";
    case Refusal::RetryUncachedReply: return "RetryUncachedReply";
    case Refusal::ConnectionNotBound: return "ConnectionNotBound";
    case Refusal::ChannelsFixed: return "ChannelsFixed";
    case Refusal::TooSmall: return "TooSmall";
    case Refusal::Invalid: return "Invalid";
    case Refusal::CallbacksPending: return "CallbacksPending";
    case Refusal::BadSequenceId: return "BadSequenceId";
    case Refusal::OwnerUnconfirmed: return "OwnerUnconfirmed";
    case Refusal::LocksHeld: return "LocksHeld";
    case Refusal::Grace: return "Grace";
    case Refusal::NoGrace: return "NoGrace";
    case Refusal::NotHeldBefore: return "NotHeldBefore";
    case Refusal::CompleteAlready: return "CompleteAlready";
    case Refusal::TooManyClients: return "TooManyClients";
    case Refusal::TooManySessions: return "TooManySessions";
    case Refusal::TooManyOwners: return "TooManyOwners";
    case Refusal::NoReplySpace: return "NoReplySpace";
    case Refusal::Delay: return "Delay";
  }
  return "?";
}

}  // namespace ditto::state
