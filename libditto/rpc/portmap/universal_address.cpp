#include "rpc/portmap/universal_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ditto::rpc::portmap {
namespace {

constexpr Address v4_any{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr std::size_t v4_offset = 12;

/// Takes the last component, ".N" with N from 0 to 255, off `text`.
std::optional<unsigned> take_octet(std::string_view& text) {
  const auto dot = text.rfind('.');
  if (dot == text.npos) return std::nullopt;
  const std::string_view digits = text.substr(dot + 1);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value > 255) return std::nullopt;
  text = text.substr(0, dot);
  return value;
}

}  // namespace

std::string_view to_string(Netid netid) noexcept {
  switch (netid) {
    case Netid::Tcp: return "tcp";
    case Netid::Udp: return "udp";
    case Netid::Tcp6: return "tcp6";
    case Netid::Udp6: return "udp6";
  }
  return "";
}

std::optional<Netid> parse_netid(std::string_view text) noexcept {
  for (const Netid netid : {Netid::Tcp, Netid::Udp, Netid::Tcp6, Netid::Udp6}) {
    if (text == to_string(netid)) return netid;
  }
  return std::nullopt;
}

Address any_address(Netid netid) noexcept { return is_v6(netid) ? Address{} : v4_any; }
bool is_any(const Address& address) noexcept { return address == Address{} || address == v4_any; }
bool is_v4(const Address& address) noexcept {
  return std::equal(v4_any.begin(), v4_any.begin() + v4_offset, address.begin());
}

std::string to_universal(const Endpoint& endpoint) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4(endpoint.address)) {
    ::inet_ntop(AF_INET, &endpoint.address[v4_offset], text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, endpoint.address.data(), text.data(), text.size());
  }
  return fmt::format("{}.{}.{}", text.data(), endpoint.port >> 8, endpoint.port & 0xff);
}

std::optional<Endpoint> parse_universal(std::string_view text, Netid netid) {
  const auto low = take_octet(text);
  const auto high = low ? take_octet(text) : std::nullopt;
  if (!high) return std::nullopt;
  Endpoint endpoint{.address = any_address(netid), .port = static_cast<std::uint16_t>(*high << 8 | *low)};
  const std::string host(text);
  const int parsed = is_v6(netid) ? ::inet_pton(AF_INET6, host.c_str(), endpoint.address.data())
                                  : ::inet_pton(AF_INET, host.c_str(), &endpoint.address[v4_offset]);
  // A mapped IPv4 address is not one of IPv6's: it would be written down as IPv4.
  if (parsed != 1 || text.find('\0') != text.npos || is_v4(endpoint.address) == is_v6(netid)) return std::nullopt;
  return endpoint;
}

}  // namespace ditto::rpc::portmap
