// Asks a peer's portmap where one of its services listens (RFC 1833): for calls to lock managers and status monitors of
// clients. The asking side only; ours to be asked is rpc/portmap/service.hpp. Any thread that runs a loop may call.
#pragma once

#include <cstdint>
#include <expected>

#include "rpc/dialer.hpp"

namespace ditto::rpc::portmap {

/// The port by which `program` is reached at `address`. ProgramUnavailable when the peer has none. Over IPv4 it asks
/// version 2, which every portmap speaks; over IPv6, for which that has no words, rpcbind 4, then 3. `dialer` and `loop`
/// as in Dialer::dial(); the dialer outlives the task.
Task<std::expected<std::uint16_t, CallError>> get_port(Dialer& dialer, Address address, std::uint32_t program,
                                                       std::uint32_t version, Protocol protocol,
                                                       std::uint64_t deadline_ns, Executor& loop);

}  // namespace ditto::rpc::portmap
