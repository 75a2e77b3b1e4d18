// What the holder of a grant on a directory may be told of, instead of being asked for the grant (RFC 8881, 10.9).
// Plain value.
#pragma once

#include <cstdint>

namespace ditto::state {

enum class Notices : std::uint8_t {
  None = 0,
  Added = 1,       // an entry came
  Removed = 2,     // one went
  Renamed = 4,     // one changed its name within the directory
  Attributes = 8,  // of the directory itself
};
constexpr Notices operator|(Notices a, Notices b) noexcept { return Notices(std::uint8_t(a) | std::uint8_t(b)); }
constexpr Notices operator&(Notices a, Notices b) noexcept { return Notices(std::uint8_t(a) & std::uint8_t(b)); }
constexpr bool any(Notices a) noexcept { return a != Notices::None; }

}  // namespace ditto::state
