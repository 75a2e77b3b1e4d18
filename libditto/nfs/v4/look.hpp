// The attributes of whatever a filehandle of a COMPOUND names, a node or the pseudo root. Awaits the gate on the
// caller's loop.
#pragma once

#include <memory>

#include "base/task.hpp"
#include "nfs/v4/attribute_table.hpp"
#include "nfs/v4/compound.hpp"

namespace ditto::nfs4 {

struct Seen {
  vfs::Attributes attributes;
  store::Space space;                   // when it was wanted
  std::shared_ptr<const vfs::Acl> acl;  // when it was wanted, and there is one
};

/// `asked`: whether the space on the disk is wanted, or the list.
Task<Result<Seen>> look(Compound& compound, const Place& place, const bitmap4& asked);

inline Subject subject_of(const Compound& compound, const Place& place, const Seen& seen) noexcept {
  return {.service = compound.service,
          .minor = compound.minor,
          .place = place,
          .attributes = seen.attributes,
          .space = seen.space,
          .acl = seen.acl.get()};
}

/// Why attributes could not be set: a list that a node of its type cannot have is an attribute that it does not have
/// (RFC 8881, 6.2.1.4.1).
inline nfsstat4 settings_failure(const Compound& compound, const vfs::SetAttributes& changes, Error error) noexcept {
  if (changes.acl && error == Error::NotSupported) return nfsstat4::NFS4ERR_ATTRNOTSUPP;
  return compound.status_of(error);
}

/// Why an operation on the contents of a regular file failed: the file system says no more than that it is none. In
/// version 0 other types are INVAL, in version 1 SYMLINK and WRONG_TYPE (RFC 8881, 18.22.3); a directory is ISDIR.
Task<nfsstat4> contents_failure(Compound& compound, const Place& place, Error error);

/// The same for ALLOCATE and DEALLOCATE, to which all that is no regular file is WRONG_TYPE (RFC 7862, 15.1.3).
Task<nfsstat4> room_failure(Compound& compound, const Place& place, Error error);

}  // namespace ditto::nfs4
