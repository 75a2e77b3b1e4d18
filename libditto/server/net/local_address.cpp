#include "server/net/local_address.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/udp.hpp>
#include <exception>

#include "server/net/socket_address.hpp"

namespace ditto::server {

std::array<std::uint8_t, 16> local_address_towards(const rpc::Peer& peer) noexcept {
  const asio::ip::address_v6 wide(peer.address);
  asio::ip::address address = wide;
  if (wide.is_v4_mapped()) address = asio::ip::make_address_v4(asio::ip::v4_mapped, wide);
  try {
    // Connecting a UDP socket sends nothing; it looks the route up.
    asio::io_context context;
    asio::ip::udp::socket socket(context);
    constexpr std::uint16_t any_port = 9;
    socket.connect({address, any_port});
    return peer_of(socket.local_endpoint().address(), 0).address;
  } catch (const std::exception&) {
    return peer_of(address.is_v4() ? asio::ip::address(asio::ip::address_v4::any()) : asio::ip::address_v6::any(), 0)
        .address;
  }
}

}  // namespace ditto::server
