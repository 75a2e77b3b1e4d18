// What a new node's access control list takes over from its directory's (RFC 8881, 6.4.3.1 and 6.4.3.2; MS-DTYP,
// 2.5.3.4.1). A pure function.
#pragma once

#include <optional>

#include "vfs/acl/acl.hpp"

namespace ditto::vfs {

/// The list that a new node of `type` begins with in a directory with `parent`; nullopt when nothing is handed on, so
/// that the mode alone decides. Entries keep their order and are marked as inherited.
std::optional<Acl> inherited(const Acl& parent, FileType type);

}  // namespace ditto::vfs
