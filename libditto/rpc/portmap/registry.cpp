#include "rpc/portmap/registry.hpp"

#include <algorithm>
#include <utility>

namespace ditto::rpc::portmap {

bool Registry::add(Mapping mapping, bool own) {
  std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    const Mapping& there = entry.mapping;
    if (there.program != mapping.program || there.version != mapping.version || there.netid != mapping.netid) continue;
    return there.endpoint == mapping.endpoint;
  }
  if (entries_.size() >= max_mappings) return false;
  entries_.push_back({std::move(mapping), own});
  return true;
}

void Registry::publish(std::span<const Program> programs, Protocol protocol, const Endpoint& endpoint) {
  const Netid v4 = protocol == Protocol::Tcp ? Netid::Tcp : Netid::Udp;
  const Netid v6 = protocol == Protocol::Tcp ? Netid::Tcp6 : Netid::Udp6;
  for (const Program& program : programs) {
    const auto enter = [&](Netid netid, const Address& address) {
      add({program.number(), program.version(), netid, {address, endpoint.port}, "ditto"}, true);
    };
    if (is_v4(endpoint.address)) {
      enter(v4, endpoint.address);
    } else {
      enter(v6, endpoint.address);
      if (is_any(endpoint.address)) enter(v4, any_address(v4));
    }
  }
}

bool Registry::set(Mapping mapping) { return add(std::move(mapping), false); }

bool Registry::unset(std::uint32_t program, std::uint32_t version, std::optional<Netid> netid) {
  std::lock_guard lock(mutex_);
  return std::erase_if(entries_, [&](const Entry& entry) {
           const Mapping& there = entry.mapping;
           return !entry.own && there.program == program && there.version == version &&
                  (!netid || there.netid == *netid);
         }) > 0;
}

std::optional<Mapping> Registry::find(std::uint32_t program, std::uint32_t version, Netid netid) const {
  std::lock_guard lock(mutex_);
  const Mapping* other_version = nullptr;
  for (const auto& [there, own] : entries_) {
    if (there.program != program || there.netid != netid) continue;
    if (there.version == version) return there;
    other_version = &there;
  }
  if (!other_version) return std::nullopt;
  return *other_version;
}

std::vector<Mapping> Registry::all() const {
  std::lock_guard lock(mutex_);
  std::vector<Mapping> mappings;
  for (const Entry& entry : entries_) mappings.push_back(entry.mapping);
  return mappings;
}

}  // namespace ditto::rpc::portmap
