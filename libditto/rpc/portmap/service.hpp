// Portmap version 2 and rpcbind versions 3 and 4 (RFC 1833) as programs to register with an rpc server: how clients
// that were not told a port find one. What no client needs is absent and answered PROC_UNAVAIL, above all CALLIT and
// its kin, by which strangers have others attacked. SET and UNSET are for callers on this machine. One Service for each
// transport that portmap itself is reached by; handlers run on any loop.
#pragma once

#include <cstdint>

#include "rpc/portmap/registry.hpp"
#include "rpc/program.hpp"

namespace ditto::rpc::portmap {

inline constexpr std::uint32_t program_number = 100000;
/// As many TCP connections as a portmapper should have: queries are short.
inline constexpr std::size_t max_connections = 64;

struct Service {
  Registry& registry;
  Protocol reached_by;
  /// The address of this machine that `peer` can reach, for services that listen on all of them; 0.0.0.0 or :: when
  /// unknown.
  Address (*local_address)(const Peer& peer);
};

/// Adds versions 2, 3 and 4 over `service`, which must outlive them. Exists when one of them is there already.
Result<void> add_programs(Programs& programs, Service& service);

}  // namespace ditto::rpc::portmap
