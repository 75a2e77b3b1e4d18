#include "gate/coordinator.hpp"

namespace ditto::gate {

state::TicketId Coordinator::expect(TicketWait& wait) {
  const state::TicketId ticket = new_id();
  const std::lock_guard lock(mutex_);
  tickets_.emplace(ticket, &wait);
  return ticket;
}

bool Coordinator::forget(state::TicketId ticket) {
  const std::lock_guard lock(mutex_);
  return tickets_.erase(ticket) != 0;
}

void Coordinator::resume(const state::Resume& resume) {
  TicketWait* wait = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = tickets_.find(resume.ticket);
    if (found == tickets_.end()) return;
    wait = found->second;
    tickets_.erase(found);
  }
  wait->refused = resume.refused;
  wait->home->post(*wait);
}

void Coordinator::deliver(state::Effects& effects) {
  for (const state::Effect& effect : effects) {
    if (const auto* resumed = std::get_if<state::Resume>(&effect)) {
      resume(*resumed);
    } else if (!callbacks_) {
      continue;
    } else if (const auto* recall = std::get_if<state::Recall>(&effect)) {
      callbacks_->recall(*recall);
    } else if (const auto* revoked = std::get_if<state::Revoked>(&effect)) {
      callbacks_->revoked(*revoked);
    } else if (const auto* available = std::get_if<state::LockAvailable>(&effect)) {
      callbacks_->lock_available(*available);
    }
  }
  effects.clear();
}

void Coordinator::advance(state::Moment now) {
  state::Effects effects;
  files_.advance(now, effects);
  deliver(effects);
}

}  // namespace ditto::gate
