// Access control lists between the wire and the file system: the values of acl, dacl and sacl (RFC 7530, 6.2.1; RFC
// 8881, 6.2.1 to 6.2.3). Any thread.
#pragma once

#include <cstdint>
#include <expected>

#include "nfs/v4/attributes.hpp"
#include "nfs/v4/id_map.hpp"
#include "nfs/v4/nfsstat4.hpp"
#include "vfs/acl/acl.hpp"
#include "wire/xdr.hpp"

namespace ditto::nfs4 {

/// The types of entries that are kept and have an effect (RFC 8881, 6.2.1.2).
inline constexpr std::uint32_t supported_aces =
    ACL4_SUPPORT_ALLOW_ACL | ACL4_SUPPORT_DENY_ACL | ACL4_SUPPORT_AUDIT_ACL | ACL4_SUPPORT_ALARM_ACL;

/// The entries of `parts`: Both are acl's, which knows nothing of inheritance that has happened; dacl and sacl do (RFC
/// 8881, 6.4.3.2).
void put_aces(xdr::Writer& values, const vfs::Acl& acl, vfs::AclParts parts, const IdMap& ids);

/// INVAL for impossible and too many entries, and for such as are not of `parts`; BADOWNER.
std::expected<vfs::Acl, nfsstat4> list_of(const fattr4_acl& given, vfs::AclParts parts, const IdMap& ids);

}  // namespace ditto::nfs4
