// Binds a socket to a port below 1024, which peers take as a sign that root sends, as RPC clients of old do: Linux's lock
// manager is one that asks for it. Plain function; the socket's thread.
#pragma once

#include <asio/error.hpp>
#include <cstdint>
#include <system_error>

namespace ditto::server {

/// Binds the open `socket` to a free one, looking from one that `draw` chooses. When there is none, or it is not
/// allowed, the socket stays unbound.
template <class Socket>
void bind_privileged_port(Socket& socket, const typename Socket::protocol_type& protocol, std::uint32_t draw) {
  constexpr std::uint32_t lowest = 665, count = 1024 - lowest;  // below are more services that somebody may start later
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(lowest + (draw + i) % count);
    std::error_code error;
    socket.bind(typename Socket::endpoint_type(protocol, port), error);
    if (error != asio::error::address_in_use) return;  // bound, or no port will be
  }
}

}  // namespace ditto::server
