// Why state/ refuses: neutral reasons, which each protocol maps to its own status once. Answer<T> carries a value or
// one of them. Plain values, any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace ditto::state {

enum class Refusal : std::uint8_t {
  // What others hold on a file.
  ShareConflict,  // another open's deny bits forbid the access, or its access the deny bits
  LockConflict,   // a byte-range lock of another owner, or a mandatory one
  NotLocked,      // SMB: no lock of exactly this range
  Deadlock,       // waiting would close a circle of owners that wait for each other
  DeletePending,  // the file goes with its last open, and takes no new one
  NoSuchOpen,     // it was closed, or revoked
  NotHeld,        // the grant was returned, broken further, or revoked
  NotOpenedAs,    // a downgrade to what it was never opened as (RFC 8881, 18.18.3)
  Cancelled,      // by whoever waited, or since it is gone
  TimedOut,       // its deadline came first
  LimitReached,   // one of the limits on opens, locks, grants or parked requests
  // Stateids.
  BadStateId,    // NFS4ERR_BAD_STATEID: none of this client's, or not of this file
  OldStateId,    // NFS4ERR_OLD_STATEID
  AdminRevoked,  // NFS4ERR_ADMIN_REVOKED
  DelegRevoked,  // NFS4ERR_DELEG_REVOKED: a delegation was not returned in time
  // Who one is.
  ClientIdInUse,      // NFS4ERR_CLID_INUSE: the owner or the id is another principal's
  StaleClientId,      // NFS4ERR_STALE_CLIENTID: no such client, or of another incarnation
  Expired,            // NFS4ERR_EXPIRED: the lease ran out and the state went
  NoSuchOwner,        // NFS4ERR_NOENT: an update of a record that is not confirmed
  DifferentVerifier,  // NFS4ERR_NOT_SAME: an update by another incarnation of the client
  NotPermitted,       // NFS4ERR_PERM: an update by another principal
  ClientIdBusy,       // NFS4ERR_CLIENTID_BUSY: sessions or state are left
  // Sessions.
  BadSession,          // NFS4ERR_BADSESSION: no such session
  BadSlot,             // NFS4ERR_BADSLOT
  BadHighSlot,         // NFS4ERR_BAD_HIGH_SLOT
  SequenceMisordered,  // NFS4ERR_SEQ_MISORDERED
  SequenceFalseRetry,  // NFS4ERR_SEQ_FALSE_RETRY
  RetryUncachedReply,  // NFS4ERR_RETRY_UNCACHED_REP (NFSv4.0: NFS4ERR_RESOURCE): executed, but the reply was not kept
  ConnectionNotBound,  // NFS4ERR_CONN_NOT_BOUND_TO_SESSION
  ChannelsFixed,       // NFS4ERR_INVAL: the connection was bound to other channels
  TooSmall,            // NFS4ERR_TOOSMALL: no reply would ever fit
  Invalid,             // NFS4ERR_INVAL: malformed in a way no retry mends
  CallbacksPending,    // NFS4ERR_BACK_CHAN_BUSY
  // Owners of NFSv4.0.
  BadSequenceId,     // NFS4ERR_BAD_SEQID
  OwnerUnconfirmed,  // NFS4ERR_BAD_STATEID: the owner's OPEN was never confirmed (RFC 7530, 16.18.5)
  LocksHeld,         // NFS4ERR_LOCKS_HELD
  // Recovery.
  Grace,            // NFS4ERR_GRACE: what others may still reclaim cannot be granted
  NoGrace,          // NFS4ERR_NO_GRACE: nothing, or nothing any more, to reclaim
  NotHeldBefore,    // NFS4ERR_RECLAIM_BAD: the claimant is known to have held less
  CompleteAlready,  // NFS4ERR_COMPLETE_ALREADY
  // Bounds.
  TooManyClients,   // NFS4ERR_DELAY (NFSv4.0: NFS4ERR_RESOURCE): leases that run out make room
  TooManySessions,  // NFS4ERR_NOSPC
  TooManyOwners,    // NFS4ERR_RESOURCE
  NoReplySpace,     // NFS4ERR_NOSPC: the reply caches have used up their memory
  Delay,            // NFS4ERR_DELAY: something must happen first; again later
};

/// The name of `refusal` as it stands in logs, e.g. "BadSession".
std::string_view to_string(Refusal refusal) noexcept;

template <class T>
using Answer = std::expected<T, Refusal>;

/// Shorthand for refusing: `return refuse(Refusal::Grace);`.
[[nodiscard]] constexpr std::unexpected<Refusal> refuse(Refusal refusal) noexcept { return std::unexpected(refusal); }

}  // namespace ditto::state
