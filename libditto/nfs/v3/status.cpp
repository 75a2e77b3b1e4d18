#include "nfs/v3/status.hpp"

namespace ditto::nfs3 {

nfsstat3 status_of(Error error) noexcept {
  using enum nfsstat3;
  switch (error) {
    case Error::NotPermitted: return NFS3ERR_PERM;
    case Error::AccessDenied: return NFS3ERR_ACCES;
    case Error::NotFound: return NFS3ERR_NOENT;
    case Error::Exists: return NFS3ERR_EXIST;
    case Error::NotDirectory: return NFS3ERR_NOTDIR;
    case Error::IsDirectory: return NFS3ERR_ISDIR;
    case Error::NotEmpty: return NFS3ERR_NOTEMPTY;
    case Error::NotSymlink: return NFS3ERR_INVAL;  // RFC 1813, 3.3.5
    case Error::WrongType: return NFS3ERR_INVAL;
    case Error::InvalidArgument: return NFS3ERR_INVAL;
    case Error::BadName: return NFS3ERR_ACCES;  // RFC 1813, 4.6: a name that the server cannot handle
    case Error::NameTooLong: return NFS3ERR_NAMETOOLONG;
    case Error::FileTooBig: return NFS3ERR_FBIG;
    case Error::NoSpace: return NFS3ERR_NOSPC;
    case Error::QuotaExceeded: return NFS3ERR_DQUOT;
    case Error::ReadOnly: return NFS3ERR_ROFS;
    case Error::TooManyLinks: return NFS3ERR_MLINK;
    case Error::CrossDevice: return NFS3ERR_XDEV;
    case Error::Stale: return NFS3ERR_STALE;
    case Error::BadHandle: return NFS3ERR_BADHANDLE;
    case Error::BadCookie: return NFS3ERR_BAD_COOKIE;
    case Error::NotSync: return NFS3ERR_NOT_SYNC;
    case Error::TooSmall: return NFS3ERR_TOOSMALL;
    case Error::NoAttribute: return NFS3ERR_NOENT;
    case Error::NotSupported: return NFS3ERR_NOTSUPP;
    case Error::Busy: return NFS3ERR_ACCES;  // version 3 has no word for it; clients do not wait it out
    case Error::Io: return NFS3ERR_IO;
    case Error::Corrupt: return NFS3ERR_IO;
    case Error::WouldBlock: return NFS3ERR_JUKEBOX;
    case Error::Delay: return NFS3ERR_JUKEBOX;
    case Error::Cancelled: return NFS3ERR_JUKEBOX;  // asked again, another incarnation answers
    case Error::Fault: return NFS3ERR_SERVERFAULT;
  }
  return NFS3ERR_SERVERFAULT;
}

}  // namespace ditto::nfs3
