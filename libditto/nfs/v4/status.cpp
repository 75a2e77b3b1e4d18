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
    case Error::NoAttribute: return NFS4ERR_NOENT;
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

}  // namespace ditto::nfs4
