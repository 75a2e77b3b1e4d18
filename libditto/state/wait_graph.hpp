// Who waits for whom, over all files: an owner of POSIX locks that begins to wait in a circle would wait for ever, so
// whoever would close the circle is refused instead. Edges come from the files' queues, which renew them whenever the
// locks before a waiter change. One leaf lock: taken with a file's lock held, and nothing is taken under it. Any
// thread.
#pragma once

#include <map>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "state/effects.hpp"
#include "state/lock_table.hpp"

namespace ditto::state {

class WaitGraph {
 public:
  /// `waiter` waits, as `ticket`, for all of `blockers`; what it waited for before as that ticket is forgotten. False,
  /// and the ticket waits for nobody: it would wait for itself.
  bool wait(TicketId ticket, const LockOwner& waiter, std::span<const LockOwner> blockers);
  void stop(TicketId ticket);
  std::size_t waiting() const;

 private:
  struct Edges {
    LockOwner waiter;
    std::vector<LockOwner> blockers;
  };
  bool reaches(const LockOwner& from, const LockOwner& to) const;
  void forget(TicketId ticket);

  mutable std::mutex mutex_;
  std::unordered_map<TicketId, Edges> edges_;
  std::multimap<LockOwner, TicketId> tickets_of_;
};

}  // namespace ditto::state
