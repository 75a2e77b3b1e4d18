#include "state/recovery/grace.hpp"

#include <algorithm>
#include <utility>

namespace ditto::state {

void Grace::begin(std::span<const ClientRecord> records, std::span<const ObjectRecord> objects, Moment now,
                  std::uint64_t lease_ns, std::uint64_t hosts_ns) {
  const std::lock_guard lock(mutex_);
  known_.clear();
  not_done_ = 0;
  for_the_silent_ = retry_at_ = 0;
  persisting_ = again_ = false;
  lease_ns_ = lease_ns;
  for_all_ = after(now, lease_ns);
  for (const ClientRecord& record : records) {
    Known& known = known_[record.key];
    if (known.id > record.id) continue;
    known = {.id = record.id,
             .principal = record.principal,
             .recoverable = !record.revoked && !record.cut_off,
             .reclaims = false,
             .since = now};
  }
  for (const ObjectRecord& object : objects) {
    if (object.who.client.protocol != Protocol::Nlm || hosts_ns == 0) continue;
    known_.try_emplace(object.who.client, Known{.recoverable = true, .since = now});
  }
  for (const auto& [key, known] : known_) {
    if (!known.recoverable) continue;
    if (key.protocol == Protocol::Nfs41) {
      ++not_done_;
    } else {
      const std::uint64_t span = key.protocol == Protocol::Nlm ? std::min(hosts_ns, lease_ns) : lease_ns;
      for_the_silent_ = std::max(for_the_silent_, after(now, span));
    }
  }
  // Records of whom nobody waits for are dropped at once, by the same way.
  phase_.store(records.empty() && objects.empty() ? Phase::Over : Phase::Running, std::memory_order_release);
}

void Grace::await_hosts(std::span<const std::string> names, Moment now, std::uint64_t span_ns) {
  if (names.empty() || span_ns == 0) return;
  const std::lock_guard lock(mutex_);
  for (const std::string& name : names) {
    Known& known = known_[{Protocol::Nlm, name}];
    if (!known.recoverable) known.since = now;
    known.recoverable = true;
  }
  for_the_silent_ = std::max(for_the_silent_, after(now, std::min(span_ns, lease_ns_)));
  again_ = phase() == Phase::Ending;
  if (phase() == Phase::Over) {
    for_all_ = after(now, lease_ns_);
    phase_.store(Phase::Running, std::memory_order_release);
  }
}

bool Grace::knows(const OwnerKey& key, const Principal& principal) const {
  if (phase() != Phase::Running) return false;
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(key);
  return found != known_.end() && found->second.recoverable && found->second.principal == principal;
}

bool Grace::knows_host(const std::string& name) const { return knows({Protocol::Nlm, name}, {}); }

bool Grace::awaits(const ObjectRecord& object) const {
  const std::lock_guard lock(mutex_);
  if (phase() != Phase::Running) return false;
  const auto found = known_.find(object.who.client);
  return found != known_.end() && found->second.recoverable;
}

void Grace::reclaimed(const OwnerKey& key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(key); found != known_.end()) found->second.reclaims = true;
}

void Grace::done(const OwnerKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(key);
  if (key.protocol != Protocol::Nfs41 || found == known_.end() || !found->second.recoverable) return;
  found->second.recoverable = false;
  --not_done_;
}

Moment Grace::deadline() const {
  const std::lock_guard lock(mutex_);
  switch (phase()) {
    case Phase::Running: return not_done_ != 0 ? std::max(for_all_, for_the_silent_) : for_the_silent_;
    case Phase::Ending: return persisting_ ? never : retry_at_;
    case Phase::Over: return never;
  }
  return never;
}

std::vector<Awaited> Grace::awaited() const {
  std::vector<Awaited> list;
  const std::lock_guard lock(mutex_);
  if (phase() != Phase::Running) return list;
  for (const auto& [key, known] : known_) {
    if (known.recoverable) list.push_back({.who = key, .since = known.since, .reclaims = known.reclaims});
  }
  return list;
}

void Grace::ending() {
  const std::lock_guard lock(mutex_);
  phase_.store(Phase::Ending, std::memory_order_release);
  persisting_ = true;
}

void Grace::ended() {
  const std::lock_guard lock(mutex_);
  persisting_ = false;
  not_done_ = 0;
  if (std::exchange(again_, false)) {
    std::erase_if(known_, [](const auto& each) { return each.first.protocol != Protocol::Nlm; });
    phase_.store(Phase::Running, std::memory_order_release);
    return;
  }
  known_.clear();
  for_the_silent_ = 0;
  phase_.store(Phase::Over, std::memory_order_release);
}

void Grace::failed(Moment retry_at) {
  const std::lock_guard lock(mutex_);
  persisting_ = false;
  retry_at_ = retry_at;
}

}  // namespace ditto::state
