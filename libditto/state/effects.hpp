// What a step of state/ wants done in the world. A step computes under its lock and only collects effects; whoever
// called it delivers them after the lock is gone, so that delivering may call back into state/. Effects address
// holders, owners and tickets, never connections. Plain values.
#pragma once

#include <optional>
#include <variant>

#include "base/small_vector.hpp"
#include "state/caching.hpp"
#include "state/lock_table.hpp"
#include "state/refusal.hpp"
#include "state/share_mode.hpp"
#include "state/types.hpp"

namespace ditto::state {

/// A request that waits. Chosen by whoever waits, unique among all that wait.
using TicketId = std::uint64_t;

/// Ask `holder` to go from `from` down to `to`, and, where `acknowledge`, wait for it to say so.
struct Recall {
  FileKey file;
  GrantId grant = 0;
  Holder holder;
  Caching from{}, to{};
  bool acknowledge = true;
  std::uint32_t epoch = 0;  // the grant's, from here on; an acknowledgement names it
};

/// Ask `holder`, which may keep changes to itself, what there is of them by now (CB_GETATTR; RFC 8881, 10.4.3). The
/// answer goes to FileState::told().
struct Query {
  FileKey file;
  GrantId grant = 0;
  Holder holder;
};

/// The grant is gone without its holder's doing: it did not answer in time, or an administrator took it.
struct Revoked {
  FileKey file;
  GrantId grant = 0;
  Holder holder;
};

/// A parked request goes on. A lock that waited is held now; anything else starts over from lookup and access check.
struct Resume {
  TicketId ticket = 0;
  std::optional<Refusal> refused;  // why it is not to go on: cancelled, late, or in a deadlock
};

/// An owner that polls for a lock should ask again now: the lock is kept for it for a moment (RFC 8881, 20.11).
struct LockAvailable {
  FileKey file;
  LockOwner owner;
};

/// An open of which there is a record denies less than that says; nothing: it is gone, or promises nothing any more.
struct Lessened {
  std::uint64_t open = 0;
  ShareMode mode;
};

using Effect = std::variant<Recall, Query, Revoked, Resume, LockAvailable, Lessened>;
using Effects = SmallVector<Effect, 4>;

}  // namespace ditto::state
