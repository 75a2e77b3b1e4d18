// What the server itself contributes to its status: the process, what it listens on, its shares, its stores and its
// memory. What they are given outlives the status that they were added to.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "ditto/options.hpp"
#include "gate/share.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "rpc/in_flight.hpp"
#include "server/audit_log.hpp"
#include "server/control/status.hpp"
#include "server/memory_budget.hpp"
#include "server/net/tcp_listener.hpp"
#include "server/store_list.hpp"

namespace ditto::server {

/// "version", "pid", "state", "started", "uptime_seconds".
StatusSource process_status(const Clock& clock, const std::atomic<bool>& stopping);

struct Listening {
  std::string protocols;
  std::string address;
  const TcpListener* listener;
  std::size_t max_connections;
};
/// "listeners".
StatusSource listener_status(std::vector<Listening> listeners);

/// "shares".
StatusSource share_status(const gate::Shares& shares, const StoreList& stores);

/// "stores"; one that does not take changes wants attention.
StatusSource store_status(const StoreList& stores);

/// "nfs4_delegations", "nfs4_callbacks", "nfs4_copies".
StatusSource callback_status(const nfs4::Callbacks& callbacks);

/// "audit".
StatusSource audit_status(const AuditLog& audit);

/// "memory".
StatusSource memory_status(std::uint64_t budget_bytes, const MemoryBudget& budget, const rpc::InFlightPool& in_flight);

}  // namespace ditto::server
