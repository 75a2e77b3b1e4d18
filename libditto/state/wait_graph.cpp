#include "state/wait_graph.hpp"

#include <set>

namespace ditto::state {

void WaitGraph::forget(TicketId ticket) {
  const auto found = edges_.find(ticket);
  if (found == edges_.end()) return;
  const auto [first, last] = tickets_of_.equal_range(found->second.waiter);
  for (auto at = first; at != last; ++at) {
    if (at->second != ticket) continue;
    tickets_of_.erase(at);
    break;
  }
  edges_.erase(found);
}

bool WaitGraph::reaches(const LockOwner& from, const LockOwner& to) const {
  std::set<LockOwner> seen;
  std::vector<LockOwner> open{from};
  while (!open.empty()) {
    const LockOwner at = open.back();
    open.pop_back();
    if (at == to) return true;
    if (!seen.insert(at).second) continue;
    const auto [first, last] = tickets_of_.equal_range(at);
    for (auto ticket = first; ticket != last; ++ticket) {
      const Edges& edges = edges_.at(ticket->second);
      open.insert(open.end(), edges.blockers.begin(), edges.blockers.end());
    }
  }
  return false;
}

bool WaitGraph::wait(TicketId ticket, const LockOwner& waiter, std::span<const LockOwner> blockers) {
  const std::lock_guard lock(mutex_);
  forget(ticket);
  for (const LockOwner& blocker : blockers) {
    if (reaches(blocker, waiter)) return false;
  }
  edges_.emplace(ticket, Edges{waiter, {blockers.begin(), blockers.end()}});
  tickets_of_.emplace(waiter, ticket);
  return true;
}

void WaitGraph::stop(TicketId ticket) {
  const std::lock_guard lock(mutex_);
  forget(ticket);
}

std::size_t WaitGraph::waiting() const {
  const std::lock_guard lock(mutex_);
  return edges_.size();
}

}  // namespace ditto::state
