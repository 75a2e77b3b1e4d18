// What an access control list decides: its entries in order, each bit by the first that names it (RFC 8881, 6.2.1). The
// privileges that go beyond a list (root, the owner's right to mend it) are the access check's. Pure functions.
#pragma once

#include "vfs/acl/acl.hpp"
#include "vfs/credential.hpp"

namespace ditto::vfs {

/// Bits that a list allows and denies somebody. A bit in neither was not spoken of, and is refused as well.
struct Decided {
  Access allowed{}, denied{};
};

/// Whether an entry about `who` is about `caller`, on a node of `attributes`. CREATOR entries are about nobody: they
/// wait for a node to be made. SIDs are matched once credentials carry them.
bool is_about(const Who& who, const Attributes& attributes, const Credential& caller) noexcept;

Decided decide(const Acl& acl, const Attributes& attributes, const Credential& caller) noexcept;

}  // namespace ditto::vfs
