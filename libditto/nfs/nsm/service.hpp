// The status monitor, NSM version 1 (XNFS, chapter 11), as a program to register with rpc servers: program 100024. When
// a host says that it started anew, whoever keeps something for it is told, the lock manager first; when this server
// starts, the hosts that held locks are told, so that they get them back. The Service belongs to the server and
// outlives its connections. Handlers run on any loop; calls to others are made on the loop of Outside.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "nfs/common/outside.hpp"
#include "nfs/nsm/monitored.hpp"
#include "nfs/nsm/watchers.hpp"
#include "rpc/program.hpp"

namespace ditto::nsm {

inline constexpr std::uint32_t program_number = 100024, program_version = 1;
inline constexpr std::uint32_t notify_procedure = 6;

struct Service {
  nfs::Outside& outside;
  Monitored& monitored;
  /// The host of that name, at that address, started anew; its status monitor is in `state` now. Any thread.
  std::function<void(std::string_view name, const std::array<std::uint8_t, 16>& address, std::int32_t state)> rebooted;
  /// All that is held for hosts goes, as if this server started anew. Any thread.
  std::function<void()> crashed;
  Watchers watchers{};
};

/// All 7 procedures over `service`, which must outlive the program.
rpc::Program program(Service& service);

/// Tells `peers` that this server started anew: several at once, each again until it has heard it, for some minutes.
/// Any thread.
void tell(Service& service, std::vector<Peer> peers);

}  // namespace ditto::nsm
