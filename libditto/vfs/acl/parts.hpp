// The two halves of a list: the entries that decide and those that record, which a client may see and set together
// (acl) or each for itself (dacl, sacl; RFC 8881, 6.2.2, 6.2.3 and 6.4.3.2). Pure functions.
#pragma once

#include "base/result.hpp"
#include "vfs/acl/acl.hpp"
#include "vfs/credential.hpp"

namespace ditto::vfs {

/// Whether `ace` is of `parts`.
constexpr bool is_of(const Ace& ace, AclParts parts) noexcept {
  return parts == AclParts::Both || ace.records() == (parts == AclParts::Sacl);
}

/// What of `acl` is of `parts`, in its order; flags of the other half are None.
Acl part_of(const Acl& acl, AclParts parts);

/// `acl` with what of it is of `parts` replaced by what of `given` is: those that decide come first.
Acl with_part(const Acl& acl, const Acl& given, AclParts parts);

/// What is recorded is root's to say, as Windows leaves it to a privilege (MS-DTYP, 2.4.3: ACCESS_SYSTEM_SECURITY): for
/// anybody else a whole list is the half that decides, provided that the other one is absent or the same as in
/// `present` (null: there is none), which is what becomes of a list that is read, changed and set. Else NotPermitted.
Result<void> settle_parts(const Acl* present, const Credential& who, SetAttributes& changes) noexcept;

}  // namespace ditto::vfs
