// Enters services into this machine's own portmapper, and takes them out again (RFC 1833, 3.2): for clients that ask
// the well-known port and nobody else. The asking side only. Any thread that runs a loop may call.
#pragma once

#include <cstdint>
#include <expected>

#include "rpc/dialer.hpp"
#include "rpc/portmap/types.hpp"

namespace ditto::rpc::portmap {

/// False: it is entered for somebody else already, or the portmapper does not let us. It believes who calls from a port
/// below 1024 only. `dialer` and `loop` as in Dialer::dial(); the dialer outlives the task.
Task<std::expected<bool, CallError>> set(Dialer& dialer, mapping service, std::uint64_t deadline_ns, Executor& loop);
/// Of all transports. False: it was not there.
Task<std::expected<bool, CallError>> unset(Dialer& dialer, std::uint32_t program, std::uint32_t version,
                                           std::uint64_t deadline_ns, Executor& loop);

}  // namespace ditto::rpc::portmap
