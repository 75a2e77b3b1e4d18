#include "state/clients/recovery.hpp"

namespace ditto::state {

Recovery::Recovery(const std::vector<ClientRecord>& records, Moment now, std::uint64_t lease_ns)
    : ends_at_(after(now, lease_ns)) {
  for (const ClientRecord& record : records) {
    Known& known = known_[record.key];
    if (known.id > record.id) continue;
    known = {.id = record.id, .principal = record.principal, .recoverable = !record.revoked && !record.cut_off};
  }
  for (const auto& [key, known] : known_) waited_for_ += known.recoverable;
  // Records of whom nobody waits for are dropped at once, by the same way.
  if (waited_for_ == 0) ends_at_ = now;
  if (records.empty()) phase_ = Phase::Over;
}

bool Recovery::knows(const OwnerKey& key, const Principal& principal) const {
  if (phase() != Phase::Running) return false;
  const auto found = known_.find(key);
  return found != known_.end() && found->second.recoverable && found->second.principal == principal;
}

void Recovery::done(const OwnerKey& key) {
  const auto found = known_.find(key);
  if (key.protocol != Protocol::Nfs41 || found == known_.end() || !found->second.recoverable) return;
  found->second.recoverable = false;
  --waited_for_;
}

Moment Recovery::deadline() const {
  if (phase() == Phase::Over || persisting_) return never;
  return phase() == Phase::Running && waited_for_ == 0 ? 0 : ends_at_;
}

void Recovery::ending() {
  phase_.store(Phase::Ending, std::memory_order_release);
  persisting_ = true;
}

void Recovery::ended() {
  phase_.store(Phase::Over, std::memory_order_release);
  persisting_ = false;
  known_.clear();
}

void Recovery::failed(Moment retry_at) {
  persisting_ = false;
  ends_at_ = retry_at;
}

}  // namespace ditto::state
