// Mount paths: "/share", or "/share/directory/below". Pure, any thread; views point into the path that was given.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ditto::mount {

/// Takes the first component off `rest`, slashes around it dropped; empty when there is none left.
std::string_view next_component(std::string_view& rest) noexcept;

/// `path` with single slashes, "." left out and no slash at its end: how the mount table keeps it.
std::string canonical(std::string_view path);

}  // namespace ditto::mount
