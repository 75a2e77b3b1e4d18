// What may stand for a directory entry in a request, checked before the file system is asked, so that a host's own file
// system never sees a path or a NUL. The file system checks again and knows its own limits. Pure functions, any thread.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace ditto::nfs {

inline bool is_dot(std::string_view name) noexcept { return name == "."; }
inline bool is_dot_dot(std::string_view name) noexcept { return name == ".."; }

/// BadName: empty, or with '/' or NUL; NameTooLong. "." and ".." pass.
Result<void> check_name(std::string_view name) noexcept;

/// check_name(), and `dots` for "." and "..": what a name is refused with that cannot be made, removed or renamed.
Result<void> check_entry_name(std::string_view name, Error dots) noexcept;

}  // namespace ditto::nfs
