// The access check of one call: vfs/access.hpp asked for whoever calls, and what lists want recorded of the answer
// noted (acl/audit.hpp). A file system asks this way wherever a client's request is what it decides.
#pragma once

#include "vfs/file_system.hpp"

namespace ditto::vfs {

/// Success when all of `wanted` is granted, else AccessDenied.
Result<void> check(const Context& context, const Guarded& node, Access wanted) noexcept;

/// The same of contents, by Context::rights. What comes by an open was recorded when it was opened.
Result<void> check_io(const Context& context, const Guarded& node, Access wanted) noexcept;

Result<void> check_remove(const Context& context, const Guarded& directory, const Guarded& entry) noexcept;
Result<void> check_setattr(const Context& context, const Guarded& node, SetAttributes& changes) noexcept;

/// What of `wanted` there is: each right is recorded as granted or refused.
Access granted(const Context& context, const Guarded& node, Access wanted) noexcept;

}  // namespace ditto::vfs
