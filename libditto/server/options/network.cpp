#include "server/options/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace ditto::server {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool bits_behind(const gate::Network& network) {
  for (unsigned bit = network.prefix_bits; bit < 128; ++bit) {
    if ((network.address[bit / 8] >> (7 - bit % 8) & 1) != 0) return true;
  }
  return false;
}

}  // namespace

std::optional<std::array<std::uint8_t, 16>> parse_ip(std::string_view text) {
  std::array<std::uint8_t, 16> address{};
  const std::string terminated(text);
  if (terminated.contains('\0')) return std::nullopt;
  in_addr v4{};
  if (::inet_pton(AF_INET, terminated.c_str(), &v4) == 1) {
    std::ranges::copy(mapped_prefix, address.begin());
    std::memcpy(address.data() + mapped_prefix.size(), &v4, sizeof v4);
    return address;
  }
  if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::optional<gate::Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool v4 = !text.substr(0, slash).contains(':');
  unsigned bits = v4 ? 32 : 128;
  if (slash != text.npos) {
    const std::string_view digits = text.substr(slash + 1);
    const unsigned most = bits;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), bits);
    if (digits.empty() || error != std::errc{} || end != digits.end() || bits > most) return std::nullopt;
  }
  gate::Network network{.address = *address, .prefix_bits = static_cast<std::uint8_t>(v4 ? 96 + bits : bits)};
  if (bits_behind(network)) return std::nullopt;
  return network;
}

std::optional<std::string> object_to_address(std::string_view text) {
  if (parse_ip(text)) return std::nullopt;
  return "is not an IP address in digits, such as 127.0.0.1 or ::1";
}

std::optional<std::string> object_to_network(std::string_view text) {
  if (parse_network(text)) return std::nullopt;
  const std::size_t slash = text.find('/');
  if (slash != text.npos && parse_ip(text.substr(0, slash))) {
    return "is not an address block: the number behind the slash counts the leading bits that are set, and the bits "
           "behind "
           "them are zero, as in 192.0.2.0/24";
  }
  return "is not an IP address or block in digits, such as 192.0.2.7 or 192.0.2.0/24";
}

std::string endpoint_text(std::string_view address, std::uint16_t port) {
  const std::string digits = std::to_string(port);
  if (address.contains(':')) return "[" + std::string(address) + "]:" + digits;
  return std::string(address) + ":" + digits;
}

}  // namespace ditto::server
