// What ties an access control list to the mode bits, so that neither says what the other denies (RFC 8881, 6.3.2 and
// 6.4). Pure functions.
#pragma once

#include <cstdint>

#include "vfs/acl/acl.hpp"

namespace ditto::vfs {

/// The nine permission bits that the entries of OWNER@, GROUP@ and EVERYONE@ amount to (6.3.2).
std::uint32_t mode_of(const Acl& acl) noexcept;

/// The list of a node that has none, as one that nobody chose: it permits what the access check permits by `mode`.
Acl acl_of(std::uint32_t mode, FileType type);

/// `acl` allowing no more reading, writing and executing than `mode` does: owner, group and everyone by their own bits,
/// others by the group's. What is handed on, recorded or denied stays as it was.
Acl limited_by(const Acl& acl, std::uint32_t mode, FileType type);

/// `acl` as a change of the mode to `mode` leaves it (6.4.1.1): what it says of OWNER@, GROUP@ and EVERYONE@ about
/// reading, writing and executing is replaced, others are allowed no more of that than the group bits, and what is
/// handed on, recorded or denied to others stays as it was.
Acl with_mode(const Acl& acl, std::uint32_t mode, FileType type);

}  // namespace ditto::vfs
