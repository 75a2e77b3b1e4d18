// Addresses and networks as text, for the lists that people read. Pure, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "gate/share.hpp"

namespace ditto::mount {

/// 192.0.2.1 or 2001:db8::1.
std::string to_text(const std::array<std::uint8_t, 16>& address);
/// 192.0.2.0/24, 2001:db8::/32; a single address stands without its length.
std::string to_text(const gate::Network& network);

}  // namespace ditto::mount
