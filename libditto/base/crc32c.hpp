// CRC-32C (Castagnoli; RFC 3720, appendix B.4): the checksum of everything that Ditto keeps. It tells damage, not
// intent: for secrets and forgery there is crypto.hpp. Any thread.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace ditto {

/// The checksum of `bytes`, or of what `before` is the checksum of with `bytes` behind it.
std::uint32_t crc32c(Bytes bytes, std::uint32_t before = 0) noexcept;

namespace detail {
/// The same without the processor's own instruction; for tests, and where there is none.
std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t before) noexcept;
}  // namespace detail

}  // namespace ditto
