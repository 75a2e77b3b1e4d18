#include "state/clients/owners.hpp"

#include <algorithm>

namespace ditto::state {

Answer<Owners::Begun> Owners::begin(OwnerKind kind, std::string_view owner, const OwnerRequest& request, Moment now) {
  if (owner.size() > limits_.owner_bytes) return refuse(Refusal::Invalid);
  const std::lock_guard lock(mutex_);
  Name name{.kind = kind, .owner = std::string(owner)};
  auto found = owners_.find(name);
  const bool is_new = found == owners_.end();
  if (is_new) {
    if (owners_.size() >= limits_.owners_per_client && !make_room()) return refuse(Refusal::TooManyOwners);
    auto made = std::make_shared<OwnerSequence>(kind, name.owner, limits_.owner_reply_bytes, replies_, now);
    found = owners_.emplace(std::move(name), std::move(made)).first;
  }
  const auto sequenced = found->second->begin(request, now);
  if (!sequenced) {
    if (is_new) owners_.erase(found);
    return refuse(sequenced.error());
  }
  return Begun{.owner = found->second, .sequenced = *sequenced};
}

// Some at a time, so that at the limit not every new owner costs a walk over all.
bool Owners::make_room() {
  constexpr std::size_t part = 16;
  std::vector<std::pair<Moment, decltype(owners_)::iterator>> idle;
  for (auto at = owners_.begin(); at != owners_.end(); ++at) {
    if (!at->second->in_use()) idle.emplace_back(at->second->used_at(), at);
  }
  std::ranges::sort(idle, {}, [](const auto& entry) { return entry.first; });
  idle.resize(std::min(idle.size(), owners_.size() / part + 1));
  bool any = false;
  for (const auto& [moment, at] : idle) {
    if (!at->second->retire(false)) continue;
    owners_.erase(at);
    any = true;
  }
  return any;
}

Answer<void> Owners::release_lock_owner(std::string_view owner) {
  const std::lock_guard lock(mutex_);
  const auto found = owners_.find(Name{.kind = OwnerKind::Lock, .owner = std::string(owner)});
  if (found == owners_.end()) return {};
  if (!found->second->retire(false)) return refuse(Refusal::LocksHeld);
  owners_.erase(found);
  return {};
}

std::vector<std::shared_ptr<OwnerSequence>> Owners::expire(Moment now) {
  std::vector<std::shared_ptr<OwnerSequence>> unconfirmed;
  const std::lock_guard lock(mutex_);
  std::erase_if(owners_, [&](const auto& entry) {
    OwnerSequence& owner = *entry.second;
    if (now < after(owner.used_at(), limits_.lease_ns)) return false;
    const bool has_opens = owner.in_use();
    if (!owner.retire(true)) return false;
    if (has_opens) unconfirmed.push_back(entry.second);
    return true;
  });
  return unconfirmed;
}

std::size_t Owners::count() const {
  const std::lock_guard lock(mutex_);
  return owners_.size();
}

}  // namespace ditto::state
