#include "nfs/mount/address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace ditto::mount {

namespace {

bool is_ipv4(const std::array<std::uint8_t, 16>& address) noexcept {
  static constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(mapped.begin(), mapped.end(), address.begin());
}

}  // namespace

std::string to_text(const std::array<std::uint8_t, 16>& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool ipv4 = is_ipv4(address);
  inet_ntop(ipv4 ? AF_INET : AF_INET6, address.data() + (ipv4 ? 12 : 0), text.data(), text.size());
  return text.data();
}

std::string to_text(const gate::Network& network) {
  const bool ipv4 = is_ipv4(network.address) && network.prefix_bits >= 96;
  std::string text = to_text(network.address);
  if (network.prefix_bits < 128) text += "/" + std::to_string(network.prefix_bits - (ipv4 ? 96 : 0));
  return text;
}

}  // namespace ditto::mount
