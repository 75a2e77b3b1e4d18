#include "rpc/call.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

namespace ditto::rpc {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const Peer& peer) noexcept {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), peer.address.begin());
}

}  // namespace

bool Peer::is_loopback() const noexcept {
  if (is_mapped(*this)) return address[12] == 127;  // 127.0.0.0/8
  constexpr std::array<std::uint8_t, 16> v6_loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address == v6_loopback;
}

std::string address_text(const Peer& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_mapped(peer)) {
    ::inet_ntop(AF_INET, &peer.address[12], text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, peer.address.data(), text.data(), text.size());
  }
  return text.data();
}

std::string to_string(const Peer& peer) {
  return fmt::format(fmt::runtime(is_mapped(peer) ? "{}:{}" : "[{}]:{}"), address_text(peer), peer.port);
}

}  // namespace ditto::rpc
