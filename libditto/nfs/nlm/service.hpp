// The lock manager, NLM versions 1, 3 and 4 (XNFS, chapters 10 and 14; RFC 1813, appendix II), as programs to register
// with rpc servers: program 100021. Locks themselves, and who waits for them, are in state/ behind the gate, shared
// with every other protocol; what is here is who NLM's owners are, and how those that wait are told. The Service
// belongs to the server and outlives its connections. Handlers run on any loop; calls to clients are made on the loop
// of Outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gate/share.hpp"
#include "nfs/common/outside.hpp"
#include "nfs/nlm/blocks.hpp"
#include "nfs/nlm/hosts.hpp"
#include "nfs/nsm/monitored.hpp"
#include "rpc/program.hpp"

namespace ditto::nlm {

inline constexpr std::uint32_t program_number = 100021;

struct Service {
  Service(const gate::Shares& all, nfs::Outside& ways, nsm::Monitored& peers, const HostLimits& limits = {},
          const BlockLimits& waiting = {})
      : shares(all), outside(ways), monitored(peers), hosts(all.coordinator(), limits), blocks(waiting) {}

  const gate::Shares& shares;
  nfs::Outside& outside;
  nsm::Monitored& monitored;
  Hosts hosts;
  Blocks blocks;

  /// Whether what is asked for has to wait: new things until nobody can get anything back any more, and what `host`
  /// says it held, unless it is known to have held something, and can still get it back. Any thread.
  bool must_wait(const HostName& host, bool reclaims) const {
    const state::Grace& grace = shares.coordinator().grace();
    return reclaims ? !grace.knows_host(host.name) : in_grace();
  }
  bool in_grace() const { return shares.coordinator().grace().phase() != state::Grace::Phase::Over; }
};

/// Adds versions 1, 3 and 4 over `service`, which must outlive them. Exists when one of them is there already.
Result<void> add_programs(rpc::Programs& programs, Service& service);

/// All that hosts hold which `which` names goes: they have started anew. What they locked since their status monitors
/// are in `state` stays; 0: nothing stays. Any thread.
void drop_hosts(Service& service, FunctionRef<bool(const HostName&)> which, std::int32_t state);

}  // namespace ditto::nlm
