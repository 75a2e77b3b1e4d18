// What clients hold and wait for, as parts of a server's status: "clients" (of NFSv4), "peers" (hosts that lock through
// NLM), "holders", "waiters" and "grace". Each list is bounded; what is in it was copied under a lock and is put into
// words without one. What they are given outlives the status that they are added to.
#pragma once

#include "base/clock.hpp"
#include "gate/share.hpp"
#include "nfs/nlm/service.hpp"
#include "nfs/v4/keeper.hpp"
#include "server/control/status.hpp"
#include "server/lock_service.hpp"

namespace ditto::server {

/// Where there is something to know; `nfs4` is null when NFSv4 is not served.
struct Holders {
  const gate::Shares& shares;
  nfs4::Keeper* nfs4;
  LockService& locks;
  const Clock& clock;
};

StatusSource client_status(const Holders& holders);
StatusSource peer_status(const Holders& holders);
StatusSource holder_status(const Holders& holders);
StatusSource waiter_status(const Holders& holders);
StatusSource grace_status(const Holders& holders);

}  // namespace ditto::server
