// Universal addresses and network identifiers (RFC 5665, 5.2.3.3 and 5.2.3.4): how rpcbind writes down where a service
// listens, "192.0.2.1.8.1" for port 2049. Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ditto::rpc::portmap {

enum class Protocol : std::uint8_t { Tcp, Udp };

/// A transport and its family of addresses.
enum class Netid : std::uint8_t { Tcp, Udp, Tcp6, Udp6 };

/// "tcp", "udp", "tcp6", "udp6".
std::string_view to_string(Netid netid) noexcept;
std::optional<Netid> parse_netid(std::string_view text) noexcept;
constexpr bool is_v6(Netid netid) noexcept { return netid == Netid::Tcp6 || netid == Netid::Udp6; }

constexpr Protocol protocol_of(Netid netid) noexcept {
  return netid == Netid::Tcp || netid == Netid::Tcp6 ? Protocol::Tcp : Protocol::Udp;
}

using Address = std::array<std::uint8_t, 16>;  // IPv4 as a mapped IPv6 address

/// Where a service listens; the address may be 0.0.0.0 or ::, which is all that the machine has.
struct Endpoint {
  Address address{};
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// 0.0.0.0 or ::, as `netid` has it.
Address any_address(Netid netid) noexcept;
bool is_any(const Address& address) noexcept;
bool is_v4(const Address& address) noexcept;

std::string to_universal(const Endpoint& endpoint);
/// nullopt when it is not an address of the family of `netid`.
std::optional<Endpoint> parse_universal(std::string_view text, Netid netid);

}  // namespace ditto::rpc::portmap
