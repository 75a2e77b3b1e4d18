#include "nfs/nlm/administer.hpp"

#include "nfs/nlm/locking.hpp"

namespace ditto::nlm {

bool take_host(Service& service, state::ClientId client) {
  for (const Hosts::Summary& host : service.hosts.list()) {
    if (host.client != client) continue;
    drop_hosts(service, [&](const HostName& name) { return name == host.name; }, 0);
    return true;
  }
  return false;
}

bool take_locks(Service& service, const state::LockOwner& owner, std::uint64_t inode) {
  const auto use = service.hosts.find(owner);
  if (!use) return false;
  bool any = false;
  for (const Place& place : service.hosts.places_of(*use)) {
    if (place.file.inode != inode) continue;
    give_back(service, *use, place, {0, state::ByteRange::end_of_file});
    any = true;
  }
  return any;
}

bool take_reservation(Service& service, state::ClientId client, state::OpenId open) {
  const auto place = service.hosts.drop_reservation(client, open);
  if (!place) return false;
  close_reservation(service, *place, open);
  return true;
}

}  // namespace ditto::nlm
