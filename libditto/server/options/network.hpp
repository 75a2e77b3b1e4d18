// Addresses in configurations: an IP address in letters, and address blocks. Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gate/share.hpp"

namespace ditto::server {

/// IPv4 as a mapped IPv6 address (::ffff:a.b.c.d); nullopt when `text` is not an address in digits.
std::optional<std::array<std::uint8_t, 16>> parse_ip(std::string_view text);

/// "192.0.2.7", "192.0.2.0/24", "2001:db8::/32"; nullopt when `text` is neither, the prefix is too long, or bits behind
/// it are set (then the writer meant something else).
std::optional<gate::Network> parse_network(std::string_view text);

std::optional<std::string> object_to_address(std::string_view text);
std::optional<std::string> object_to_network(std::string_view text);

/// "127.0.0.1:12049", "[::1]:12049"
std::string endpoint_text(std::string_view address, std::uint16_t port);

}  // namespace ditto::server
