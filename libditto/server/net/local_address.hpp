// Which of this machine's addresses a peer can reach, for portmap's answers about services that listen on all of them.
// Plain function, any thread.
#pragma once

#include <array>
#include <cstdint>

#include "rpc/call.hpp"

namespace ditto::server {

/// The address from which packets to `peer` leave; 0.0.0.0 or :: when there is no way to it.
std::array<std::uint8_t, 16> local_address_towards(const rpc::Peer& peer) noexcept;

}  // namespace ditto::server
