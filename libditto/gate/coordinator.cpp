#include "gate/coordinator.hpp"

#include <utility>

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
    } else if (const auto* lessened = std::get_if<state::Lessened>(&effect)) {
      std::vector<state::Persist> changes;
      objects_.lessen(lessened->open, lessened->mode, changes);
      persist(std::move(changes));
    } else if (!callbacks_) {
      continue;
    } else if (const auto* recall = std::get_if<state::Recall>(&effect)) {
      callbacks_->recall(*recall);
    } else if (const auto* query = std::get_if<state::Query>(&effect)) {
      callbacks_->query(*query);
    } else if (const auto* revoked = std::get_if<state::Revoked>(&effect)) {
      callbacks_->revoked(*revoked);
    } else if (const auto* available = std::get_if<state::LockAvailable>(&effect)) {
      callbacks_->lock_available(*available);
    }
  }
  effects.clear();
}

void Coordinator::persist(std::vector<state::Persist> changes) {
  persister_.add(std::move(changes), [](state::PersistToken, bool) {});
}

void Coordinator::reserve(const state::ObjectRecord& record, std::unique_ptr<state::Anchor> anchor) {
  files_.reserve([&] { return std::move(anchor); }, record);
  const std::lock_guard lock(mutex_);
  reserved_.push_back(record.file);
}

void Coordinator::claimed(const state::FileKey& file, state::OpenId open, const state::Claimant& who) {
  state::Effects effects;
  std::vector<state::ObjectRecord> made_good;
  files_.with(file, [&](state::FileState& state) { made_good = state.claimed(open, who, effects); });
  std::vector<state::Persist> changes;
  for (const state::ObjectRecord& record : made_good) objects_.replaced(record, changes);
  persist(std::move(changes));
  deliver(effects);
}

void Coordinator::end_reservations() {
  std::vector<state::FileKey> files;
  {
    const std::lock_guard lock(mutex_);
    files = std::exchange(reserved_, {});
  }
  for (const state::FileKey& file : files) {
    state::Effects effects;
    files_.with(file, [&](state::FileState& state) { state.end_reservations(effects); });
    deliver(effects);
  }
}

void Coordinator::told(const state::FileKey& file, state::GrantId grant, const std::optional<state::Kept>& kept,
                       state::Moment now) {
  state::Effects effects;
  files_.with(file, [&](state::FileState& state) { state.told(grant, kept, now, effects); });
  deliver(effects);
}

void Coordinator::advance(state::Moment now) {
  state::Effects effects;
  files_.advance(now, effects);
  deliver(effects);
}

}  // namespace ditto::gate
