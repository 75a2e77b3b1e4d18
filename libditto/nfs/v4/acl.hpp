// Access control lists between the wire and the file system: the values of acl and dacl (RFC 7530, 6.2.1; RFC 8881,
// 6.2.1 and 6.2.2). AUDIT and ALARM entries are neither taken nor told, since nothing would record or raise anything
// (RFC 8881, 6.2.1.2). Any thread.
#pragma once

#include <cstdint>
#include <expected>

#include "nfs/v4/attributes.hpp"
#include "nfs/v4/id_map.hpp"
#include "nfs/v4/nfsstat4.hpp"
#include "vfs/acl/acl.hpp"
#include "wire/xdr.hpp"

namespace ditto::nfs4 {

/// The types of entries that are kept and decide.
inline constexpr std::uint32_t supported_aces = ACL4_SUPPORT_ALLOW_ACL | ACL4_SUPPORT_DENY_ACL;

/// acl knows nothing of inheritance that has happened, dacl does (RFC 8881, 6.4.3.2).
enum class ListAttribute : std::uint8_t { Acl, Dacl };

/// The entries that decide.
void put_aces(xdr::Writer& values, const vfs::Acl& acl, ListAttribute as, const IdMap& ids);

/// ATTRNOTSUPP for entries that would have no effect, INVAL for impossible and too many ones, BADOWNER.
std::expected<vfs::Acl, nfsstat4> list_of(const fattr4_acl& given, ListAttribute as, const IdMap& ids);

}  // namespace ditto::nfs4
