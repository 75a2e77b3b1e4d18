// What is well-formed UTF-8 and what is not (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing beyond
// U+10FFFF. It knows no character's meaning. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace ditto {

/// Bytes of the well-formed sequence at the front of `text`, which is not empty; 0 when there is none.
std::size_t utf8_length(std::string_view text) noexcept;

/// Whether all of `text` is well-formed.
bool is_utf8(std::string_view text) noexcept;

}  // namespace ditto
