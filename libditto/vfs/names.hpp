// What a name in a directory may be: 1 to 255 bytes, anything but '/' and NUL. "." and ".." are looked up but never
// created, removed or renamed. UTF-8 is checked by the protocols that demand it. Pure functions, any thread.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace ditto::vfs {

/// A name to look up. BadName, NameTooLong.
Result<void> check_name(std::string_view name) noexcept;
/// A name to create, remove or rename: "." and ".." are BadName too.
Result<void> check_entry_name(std::string_view name) noexcept;

inline bool is_dot(std::string_view name) noexcept { return name == "."; }
inline bool is_dot_dot(std::string_view name) noexcept { return name == ".."; }

}  // namespace ditto::vfs
