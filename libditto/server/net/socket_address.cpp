#include "server/net/socket_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/error.hpp>
#include <asio/ip/address_v4.hpp>
#include <asio/ip/address_v6.hpp>
#include <cerrno>

namespace ditto::server {

Outcome<asio::ip::address> parse_address(const std::string& text) {
  std::error_code error;
  const asio::ip::address address = asio::ip::make_address(text, error);
  if (!error) return address;
  return failure(
      FailureCode::InvalidArgument,
      fmt::format("cannot listen on \"{}\": it is not a numeric address such as 127.0.0.1, 0.0.0.0 or ::", text));
}

asio::ip::address address_of(const rpc::portmap::Address& address) {
  const asio::ip::address_v6 wide(address);
  if (wide.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, wide);
  return wide;
}

rpc::Peer peer_of(const asio::ip::address& address, std::uint16_t port) noexcept {
  rpc::Peer peer;
  peer.port = port;
  const asio::ip::address_v6 wide =
      address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
  std::ranges::copy(wide.to_bytes(), peer.address.begin());
  return peer;
}

Failure bind_failure(std::error_code error, std::string_view what, const std::string& address, std::uint16_t port,
                     const std::string& port_setting) {
  const std::string where = fmt::format("cannot listen on {} port {} of {}", what, port, address);
  const std::string other = port_setting.empty() ? "" : fmt::format(", or choose another port with {}", port_setting);
  // Asio's system category is an object of its own.
  if (error.category() == asio::error::get_system_category() || error.category() == std::system_category()) {
    switch (error.value()) {
      case EADDRINUSE:
        return {FailureCode::AddressInUse,
                fmt::format("{}: something else listens there; stop it{} (0 takes any free one)", where, other)};
      case EADDRNOTAVAIL:
        return {FailureCode::AddressNotAvailable,
                fmt::format("{}: this machine does not have that address; 0.0.0.0 means all it has", where)};
      case EACCES:
      case EPERM:
        return {FailureCode::PermissionDenied,
                fmt::format("{}: not allowed; ports below 1024 need root or CAP_NET_BIND_SERVICE{}", where, other)};
      case EAFNOSUPPORT:
        return {FailureCode::AddressNotAvailable,
                fmt::format("{}: this machine does not speak that kind of address", where)};
      default: break;
    }
  }
  return {FailureCode::Io, fmt::format("{}: {}", where, error.message())};
}

}  // namespace ditto::server
