// Addresses of sockets: from the numeric text of a configuration, to the peer that a call knows, and what to tell a
// user when one cannot be bound. Plain functions, any thread.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "ditto/failure.hpp"
#include "rpc/call.hpp"
#include "rpc/portmap/universal_address.hpp"

namespace ditto::server {

/// InvalidArgument when `text` is not a numeric address.
Outcome<asio::ip::address> parse_address(const std::string& text);

asio::ip::address address_of(const rpc::portmap::Address& address);
rpc::Peer peer_of(const asio::ip::address& address, std::uint16_t port) noexcept;

/// Why nothing listens on `address`, with a hint. `what` is "TCP" or "UDP"; `port_setting` is what sets the port, or
/// empty.
Failure bind_failure(std::error_code error, std::string_view what, const std::string& address, std::uint16_t port,
                     const std::string& port_setting);

}  // namespace ditto::server
