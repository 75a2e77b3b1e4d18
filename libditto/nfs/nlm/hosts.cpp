#include "nfs/nlm/hosts.hpp"

#include <algorithm>

namespace ditto::nlm {

struct Hosts::Owner {
  OwnerName name;
  state::LockOwner number;
  std::int32_t state = 0;
  std::size_t uses = 0;
  std::uint64_t drops = 0;  // how often all that it held was dropped
  std::map<state::FileKey, Place> places;
};

struct Hosts::Host {
  struct Share {
    Place place;
    Reservation reservation;
    bool taken = false;
    bool dropped = false;  // while it was taken
  };
  HostName name;
  state::ClientId client = state::nobody;
  std::int32_t notified = 0;  // the state that shares were dropped for
  std::map<OwnerName, std::unique_ptr<Owner>> owners;
  std::map<std::pair<state::FileKey, std::vector<std::byte>>, Share> shares;
  std::size_t places = 0;

  bool idle() const noexcept { return owners.empty() && shares.empty(); }
};

Hosts::Use::Use(Hosts& hosts, Host& host, Owner& owner) noexcept
    : hosts_(&hosts), host_(&host), owner_(&owner), drops_(owner.drops) {
  ++owner.uses;
}
Hosts::Use::Use(Use&& other) noexcept
    : hosts_(other.hosts_), host_(other.host_), owner_(std::exchange(other.owner_, nullptr)), drops_(other.drops_) {}
Hosts::Use::~Use() {
  if (owner_) hosts_->let_go(*host_, *owner_);
}
const HostName& Hosts::Use::host() const noexcept { return host_->name; }
state::LockOwner Hosts::Use::lock_owner() const noexcept { return owner_->number; }

Hosts::Hosts(gate::Coordinator& coordinator, const HostLimits& limits) : coordinator_(coordinator), limits_(limits) {}
Hosts::~Hosts() = default;

bool Hosts::make_room() {
  if (hosts_.size() < limits_.hosts) return true;
  return std::erase_if(hosts_, [](const auto& each) { return each.second->idle(); }) != 0;
}

Hosts::Host* Hosts::find_or_make(const HostName& name) {
  if (const auto found = hosts_.find(name); found != hosts_.end()) return found->second.get();
  if (!make_room()) return nullptr;
  auto made = std::make_unique<Host>();
  made->name = name;
  made->client = coordinator_.new_id();
  return hosts_.emplace(name, std::move(made)).first->second.get();
}

std::optional<Hosts::Use> Hosts::use(const HostName& name, std::int32_t svid, Bytes oh) {
  OwnerName owner{svid, {oh.begin(), oh.end()}};
  const std::lock_guard lock(mutex_);
  Host* const host = find_or_make(name);
  if (!host) return std::nullopt;
  if (const auto found = host->owners.find(owner); found != host->owners.end()) {
    return Use(*this, *host, *found->second);
  }
  if (host->owners.size() >= limits_.owners_of_a_host) return std::nullopt;
  auto made = std::make_unique<Owner>();
  made->name = owner;
  made->number = {state::LockRules::Posix, host->client, coordinator_.new_id()};
  Owner& there = *host->owners.emplace(std::move(owner), std::move(made)).first->second;
  by_number_.emplace(there.number.number, &there);
  return Use(*this, *host, there);
}

std::optional<Hosts::Use> Hosts::find(const HostName& name, std::int32_t svid, Bytes oh) {
  const OwnerName owner{svid, {oh.begin(), oh.end()}};
  const std::lock_guard lock(mutex_);
  const auto host = hosts_.find(name);
  if (host == hosts_.end()) return std::nullopt;
  const auto found = host->second->owners.find(owner);
  if (found == host->second->owners.end()) return std::nullopt;
  return Use(*this, *host->second, *found->second);
}

void Hosts::let_go(Host& host, Owner& owner) {
  const std::lock_guard lock(mutex_);
  --owner.uses;
  release(host, owner);
}

void Hosts::release(Host& host, Owner& owner) {
  if (owner.uses != 0 || !owner.places.empty()) return;
  by_number_.erase(owner.number.number);
  host.owners.erase(host.owners.find(owner.name));
}

bool Hosts::enter(const Use& use, const Place& place, std::int32_t state) {
  const std::lock_guard lock(mutex_);
  Owner& owner = *use.owner_;
  owner.state = state;
  if (owner.places.contains(place.file)) return true;
  if (use.host_->places >= limits_.places_of_a_host) return false;
  owner.places.emplace(place.file, place);
  ++use.host_->places;
  return true;
}

bool Hosts::settle(const Use& use, const Place& place) {
  const std::lock_guard lock(mutex_);
  Owner& owner = *use.owner_;
  bool holds = false;
  coordinator_.files().with(
      place.file, [&](const state::FileState& state) { holds = state.locks().table().holds_any(owner.number); });
  if (holds) {
    if (owner.places.emplace(place.file, place).second) ++use.host_->places;
  } else {
    use.host_->places -= owner.places.erase(place.file);
  }
  return owner.drops == use.drops_;
}

bool Hosts::holds_anything(const HostName& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = hosts_.find(name);
  return found != hosts_.end() && !found->second->idle();
}

std::optional<OwnerName> Hosts::name_of(const state::LockOwner& owner) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_number_.find(owner.number);
  if (found == by_number_.end() || found->second->number != owner) return std::nullopt;
  return found->second->name;
}

std::optional<Hosts::Reservation> Hosts::take_reservation(const HostName& name, Bytes oh, const Place& place) {
  const std::lock_guard lock(mutex_);
  Host* const host = find_or_make(name);
  if (!host) return std::nullopt;
  std::pair key{place.file, std::vector(oh.begin(), oh.end())};
  auto found = host->shares.find(key);
  if (found == host->shares.end()) {
    if (host->shares.size() >= limits_.shares_of_a_host) return std::nullopt;
    found = host->shares.emplace(std::move(key), Host::Share{.place = place, .reservation = {.client = host->client}})
                .first;
  }
  Host::Share& share = found->second;
  if (std::exchange(share.taken, true)) return std::nullopt;
  return share.reservation;
}

bool Hosts::set_reservation(const HostName& name, Bytes oh, const Place& place, const Reservation& reservation) {
  const std::lock_guard lock(mutex_);
  Host& host = *hosts_.at(name);
  const auto found = host.shares.find({place.file, {oh.begin(), oh.end()}});
  Host::Share& share = found->second;
  const bool dropped = share.dropped;
  share.taken = false;
  share.reservation = reservation;
  if (dropped || reservation.open == 0) host.shares.erase(found);
  return !dropped;
}

Hosts::Held Hosts::drop(FunctionRef<bool(const HostName&)> which, std::int32_t state) {
  Held held;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, host] : hosts_) {
    if (!which(name)) continue;
    for (auto next = host->owners.begin(); next != host->owners.end();) {
      Owner& owner = *next++->second;
      if (state != 0 && owner.state == state) continue;
      Held::Locks& locks = held.locks.emplace_back(owner.number);
      for (const auto& [file, place] : owner.places) locks.places.push_back(place);
      host->places -= owner.places.size();
      owner.places.clear();
      ++owner.drops;
      release(*host, owner);
    }
    // A reservation does not say in which state it was made; a notification that is sent again changes nothing.
    if (state != 0 && std::exchange(host->notified, state) == state) continue;
    for (auto& [key, share] : host->shares) {
      if (share.taken)
        share.dropped = true;
      else
        held.opens.emplace_back(share.place, share.reservation.open);
    }
    std::erase_if(host->shares, [](const auto& each) { return !each.second.taken; });
  }
  return held;
}

std::vector<Hosts::Summary> Hosts::list() const {
  std::vector<Summary> list;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, host] : hosts_) {
    if (host->idle()) continue;
    list.push_back({.name = name,
                    .client = host->client,
                    .owners = host->owners.size(),
                    .files = host->places,
                    .reservations = host->shares.size()});
  }
  return list;
}

std::optional<Hosts::Use> Hosts::find(const state::LockOwner& owner) {
  const std::lock_guard lock(mutex_);
  const auto found = by_number_.find(owner.number);
  if (found == by_number_.end() || found->second->number != owner) return std::nullopt;
  for (const auto& [name, host] : hosts_) {
    if (host->client == owner.client) return Use(*this, *host, *found->second);
  }
  return std::nullopt;
}

std::vector<Place> Hosts::places_of(const Use& owner) const {
  const std::lock_guard lock(mutex_);
  std::vector<Place> places;
  for (const auto& [file, place] : owner.owner_->places) places.push_back(place);
  return places;
}

std::optional<Place> Hosts::drop_reservation(state::ClientId client, state::OpenId open) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, host] : hosts_) {
    if (host->client != client) continue;
    for (auto at = host->shares.begin(); at != host->shares.end(); ++at) {
      if (at->second.reservation.open != open || at->second.taken) continue;
      const Place place = at->second.place;
      host->shares.erase(at);
      return place;
    }
  }
  return std::nullopt;
}

void Hosts::drop_files(const std::vector<state::FileKey>& files) {
  const auto there = [&](const Place& place) { return std::ranges::binary_search(files, place.file); };
  const std::lock_guard lock(mutex_);
  for (const auto& [name, host] : hosts_) {
    for (auto next = host->owners.begin(); next != host->owners.end();) {
      Owner& owner = *next++->second;
      host->places -= std::erase_if(owner.places, [&](const auto& each) { return there(each.second); });
      release(*host, owner);
    }
    for (auto next = host->shares.begin(); next != host->shares.end();) {
      const auto share = next++;
      if (!there(share->second.place)) continue;
      share->second.dropped = share->second.taken;
      if (!share->second.taken) host->shares.erase(share);
    }
  }
}

std::size_t Hosts::hosts() const {
  const std::lock_guard lock(mutex_);
  return hosts_.size();
}

std::size_t Hosts::owners() const {
  const std::lock_guard lock(mutex_);
  return by_number_.size();
}

}  // namespace ditto::nlm
