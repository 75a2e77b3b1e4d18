// What the operations on extended attributes answer to failures. Pure, any thread.
#pragma once

#include "nfs/v4/compound.hpp"

namespace ditto::nfs4 {

/// What is too big here is a value (RFC 8276, 8.3).
inline nfsstat4 xattr_status_of(const Compound& compound, Error error) noexcept {
  return error == Error::FileTooBig ? nfsstat4::NFS4ERR_XATTR2BIG : compound.status_of(error);
}

}  // namespace ditto::nfs4
