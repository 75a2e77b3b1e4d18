#include "store/system_error.hpp"

#include <cerrno>

namespace ditto::store {

Error error_of(int error_number) noexcept {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT: return Error::NoSpace;
    case EFBIG: return Error::FileTooBig;
    case EROFS: return Error::ReadOnly;
    case EAGAIN: return Error::WouldBlock;
    default: return Error::Io;
  }
}

}  // namespace ditto::store
