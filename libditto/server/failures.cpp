#include "server/failures.hpp"

#include <cerrno>
#include <system_error>

namespace ditto::server {
namespace {

FailureCode code_of(Error error) {
  switch (error) {
    case Error::InvalidArgument:
    case Error::BadName:
    case Error::NameTooLong: return FailureCode::InvalidArgument;
    case Error::NotFound: return FailureCode::NotFound;
    case Error::NotPermitted:
    case Error::AccessDenied:
    case Error::ReadOnly: return FailureCode::PermissionDenied;
    case Error::Exists: return FailureCode::Exists;
    case Error::Busy: return FailureCode::Busy;
    case Error::NoSpace:
    case Error::QuotaExceeded: return FailureCode::NoSpace;
    case Error::NotSupported: return FailureCode::Unsupported;
    case Error::Corrupt: return FailureCode::Corrupt;
    case Error::Io: return FailureCode::Io;
    default: return FailureCode::Internal;
  }
}

FailureCode code_of_errno(int cause) {
  switch (cause) {
    case EINVAL:
    case ENAMETOOLONG: return FailureCode::InvalidArgument;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EAGAIN: return FailureCode::OutOfMemory;
    case ENOENT:
    case ENOTDIR: return FailureCode::NotFound;
    case EACCES:
    case EPERM:
    case EROFS: return FailureCode::PermissionDenied;
    case EADDRINUSE: return FailureCode::AddressInUse;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: return FailureCode::AddressNotAvailable;
    case EBUSY: return FailureCode::Busy;
    case ENOSPC:
    case EDQUOT: return FailureCode::NoSpace;
    default: return FailureCode::Io;
  }
}

}  // namespace

Failure failure_of(std::string_view what, Error error) {
  return {code_of(error), std::string(what) + ": " + std::string(to_string(error))};
}

Failure failure_of_errno(std::string_view what, int cause) {
  return {code_of_errno(cause), std::string(what) + ": " + std::generic_category().message(cause)};
}

}  // namespace ditto::server
