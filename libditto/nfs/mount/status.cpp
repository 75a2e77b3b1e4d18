#include "nfs/mount/status.hpp"

namespace ditto::mount {

mountstat3 status_of(Error error) noexcept {
  using enum mountstat3;
  switch (error) {
    case Error::NotPermitted: return MNT3ERR_PERM;
    case Error::AccessDenied: return MNT3ERR_ACCES;
    case Error::NotFound:
    case Error::Stale: return MNT3ERR_NOENT;
    case Error::NotDirectory: return MNT3ERR_NOTDIR;
    case Error::InvalidArgument:
    case Error::BadName: return MNT3ERR_INVAL;
    case Error::NameTooLong: return MNT3ERR_NAMETOOLONG;
    case Error::NotSupported: return MNT3ERR_NOTSUPP;
    case Error::Io:
    case Error::Corrupt: return MNT3ERR_IO;
    // What looking a directory up never meets, and what this protocol has no word for.
    case Error::Exists:
    case Error::IsDirectory:
    case Error::NotEmpty:
    case Error::NotSymlink:
    case Error::WrongType:
    case Error::FileTooBig:
    case Error::NoSpace:
    case Error::QuotaExceeded:
    case Error::ReadOnly:
    case Error::TooManyLinks:
    case Error::CrossDevice:
    case Error::BadHandle:
    case Error::BadCookie:
    case Error::NotSync:
    case Error::TooSmall:
    case Error::NoAttribute:
    case Error::Busy:
    case Error::WouldBlock:
    case Error::Delay:
    case Error::Cancelled:
    case Error::Fault: return MNT3ERR_SERVERFAULT;
  }
  return MNT3ERR_SERVERFAULT;
}

}  // namespace ditto::mount
