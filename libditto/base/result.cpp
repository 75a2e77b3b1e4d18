#include "base/result.hpp"

namespace ditto {

std::string_view to_string(Error error) noexcept {
  switch (error) {
    case Error::NotPermitted: return "NotPermitted";
    case Error::AccessDenied: return "AccessDenied";
    case Error::NotFound: return "NotFound";
    case Error::Exists: return "Exists";
    case Error::NotDirectory: return "NotDirectory";
    case Error::IsDirectory: return "IsDirectory";
    case Error::NotEmpty: return "NotEmpty";
    case Error::NotSymlink: return "NotSymlink";
    case Error::WrongType: return "WrongType";
    case Error::InvalidArgument: return "InvalidArgument";
    case Error::BadName: return "BadName";
    case Error::NameTooLong: return "NameTooLong";
    case Error::FileTooBig: return "FileTooBig";
    case Error::NoSpace: return "NoSpace";
    case Error::QuotaExceeded: return "QuotaExceeded";
    case Error::ReadOnly: return "ReadOnly";
    case Error::TooManyLinks: return "TooManyLinks";
    case Error::CrossDevice: return "CrossDevice";
    case Error::Stale: return "Stale";
    case Error::BadHandle: return "BadHandle";
    case Error::BadCookie: return "BadCookie";
    case Error::NotSync: return "NotSync";
    case Error::TooSmall: return "TooSmall";
    case Error::NoAttribute: return "NoAttribute";
    case Error::NotSupported: return "NotSupported";
    case Error::Busy: return "Busy";
    case Error::Io: return "Io";
    case Error::Corrupt: return "Corrupt";
    case Error::WouldBlock: return "WouldBlock";
    case Error::Delay: return "Delay";
    case Error::Cancelled: return "Cancelled";
    case Error::Fault: return "Fault";
  }
  return "Fault";
}

}  // namespace ditto
