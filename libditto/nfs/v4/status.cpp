#include "nfs/v4/status.hpp"

namespace ditto::nfs4 {

nfsstat4 status_of(Error error, std::uint32_t minor) noexcept {
  using enum nfsstat4;
  const nfsstat4 wrong_type = minor == 0 ? NFS4ERR_INVAL : NFS4ERR_WRONG_TYPE;  // RFC 8881, 15.1.2.9
  switch (error) {
    case Error::NotPermitted: return NFS4ERR_PERM;
    case Error::AccessDenied: return NFS4ERR_ACCESS;
    case Error::NotFound: return NFS4ERR_NOENT;
    case Error::Exists: return NFS4ERR_EXIST;
    case Error::NotDirectory: return NFS4ERR_NOTDIR;
    case Error::IsDirectory: return NFS4ERR_ISDIR;
    case Error::NotEmpty: return NFS4ERR_NOTEMPTY;
    case Error::NotSymlink: return wrong_type;
    case Error::WrongType: return wrong_type;
    case Error::InvalidArgument: return NFS4ERR_INVAL;
    case Error::BadName: return NFS4ERR_BADNAME;
    case Error::NameTooLong: return NFS4ERR_NAMETOOLONG;
    case Error::FileTooBig: return NFS4ERR_FBIG;
    case Error::NoSpace: return NFS4ERR_NOSPC;
    case Error::QuotaExceeded: return NFS4ERR_DQUOT;
    case Error::ReadOnly: return NFS4ERR_ROFS;
    case Error::TooManyLinks: return NFS4ERR_MLINK;
    case Error::CrossDevice: return NFS4ERR_XDEV;
    case Error::Stale: return NFS4ERR_STALE;
    case Error::BadHandle: return NFS4ERR_BADHANDLE;
    case Error::BadCookie: return NFS4ERR_BAD_COOKIE;
    case Error::NotSync: return NFS4ERR_NOT_SAME;
    case Error::TooSmall: return NFS4ERR_TOOSMALL;
    case Error::NoAttribute: return minor < 2 ? NFS4ERR_NOENT : NFS4ERR_NOXATTR;
    case Error::NotSupported: return NFS4ERR_NOTSUPP;
    case Error::Busy: return NFS4ERR_FILE_OPEN;
    case Error::Io: return NFS4ERR_IO;
    case Error::Corrupt: return NFS4ERR_IO;
    case Error::WouldBlock: return NFS4ERR_DELAY;
    case Error::Delay: return NFS4ERR_DELAY;
    case Error::Cancelled: return NFS4ERR_DELAY;  // asked again, another incarnation answers
    case Error::Fault: return NFS4ERR_SERVERFAULT;
  }
  return NFS4ERR_SERVERFAULT;
}

nfsstat4 status_of(state::Refusal refusal, std::uint32_t minor) noexcept {
  using enum nfsstat4;
  using state::Refusal;
  switch (refusal) {
    case Refusal::ShareConflict: return NFS4ERR_SHARE_DENIED;
    case Refusal::LockConflict: return NFS4ERR_LOCKED;
    case Refusal::NotLocked: return NFS4ERR_INVAL;  // SMB's
    case Refusal::Deadlock: return NFS4ERR_DEADLOCK;
    case Refusal::DeletePending: return NFS4ERR_FILE_OPEN;
    case Refusal::NoSuchOpen: return NFS4ERR_BAD_STATEID;
    case Refusal::NotHeld: return NFS4ERR_BAD_STATEID;
    case Refusal::NotOpenedAs: return NFS4ERR_INVAL;
    case Refusal::Cancelled: return NFS4ERR_DELAY;
    case Refusal::TimedOut: return NFS4ERR_DELAY;
    case Refusal::LimitReached: return minor == 0 ? NFS4ERR_RESOURCE : NFS4ERR_DELAY;
    case Refusal::BadStateId: return NFS4ERR_BAD_STATEID;
    case Refusal::OldStateId: return NFS4ERR_OLD_STATEID;
    case Refusal::AdminRevoked: return NFS4ERR_ADMIN_REVOKED;
    case Refusal::DelegRevoked: return minor == 0 ? NFS4ERR_BAD_STATEID : NFS4ERR_DELEG_REVOKED;
    case Refusal::ClientIdInUse: return NFS4ERR_CLID_INUSE;
    case Refusal::StaleClientId: return NFS4ERR_STALE_CLIENTID;
    case Refusal::Expired: return NFS4ERR_EXPIRED;
    case Refusal::NoSuchOwner: return NFS4ERR_NOENT;
    case Refusal::DifferentVerifier: return NFS4ERR_NOT_SAME;
    case Refusal::NotPermitted: return NFS4ERR_PERM;
    case Refusal::ClientIdBusy: return NFS4ERR_CLIENTID_BUSY;
    case Refusal::BadSession: return NFS4ERR_BADSESSION;
    case Refusal::BadSlot: return NFS4ERR_BADSLOT;
    case Refusal::BadHighSlot: return NFS4ERR_BAD_HIGH_SLOT;
    case Refusal::SequenceMisordered: return NFS4ERR_SEQ_MISORDERED;
    case Refusal::SequenceFalseRetry: return NFS4ERR_SEQ_FALSE_RETRY;
    case Refusal::RetryUncachedReply: return minor == 0 ? NFS4ERR_RESOURCE : NFS4ERR_RETRY_UNCACHED_REP;
    case Refusal::ConnectionNotBound: return NFS4ERR_CONN_NOT_BOUND_TO_SESSION;
    case Refusal::ChannelsFixed: return NFS4ERR_INVAL;
    case Refusal::TooSmall: return NFS4ERR_TOOSMALL;
    case Refusal::Invalid: return NFS4ERR_INVAL;
    case Refusal::CallbacksPending: return NFS4ERR_BACK_CHAN_BUSY;
    case Refusal::BadSequenceId: return NFS4ERR_BAD_SEQID;
    case Refusal::OwnerUnconfirmed: return NFS4ERR_BAD_STATEID;
    case Refusal::LocksHeld: return NFS4ERR_LOCKS_HELD;
    case Refusal::Grace: return NFS4ERR_GRACE;
    case Refusal::NoGrace: return NFS4ERR_NO_GRACE;
    case Refusal::NotHeldBefore: return NFS4ERR_RECLAIM_BAD;
    case Refusal::CompleteAlready: return NFS4ERR_COMPLETE_ALREADY;
    case Refusal::TooManyClients: return minor == 0 ? NFS4ERR_RESOURCE : NFS4ERR_DELAY;
    case Refusal::TooManySessions: return NFS4ERR_NOSPC;
    case Refusal::TooManyOwners: return NFS4ERR_RESOURCE;
    case Refusal::NoReplySpace: return NFS4ERR_NOSPC;
    case Refusal::Delay: return NFS4ERR_DELAY;
  }
  return NFS4ERR_SERVERFAULT;
}

}  // namespace ditto::nfs4
