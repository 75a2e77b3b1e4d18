#include "nfs/nlm/locking.hpp"

namespace ditto::nlm {

void drop_hosts(Service& service, FunctionRef<bool(const HostName&)> which, std::int32_t state) {
  gate::Coordinator& coordinator = service.shares.coordinator();
  const Hosts::Held held = service.hosts.drop(which, state);
  for (const Hosts::Held::Locks& locks : held.locks) {
    for (const auto& block : service.blocks.end_owner(locks.owner)) {
      if (!withdraw(service, *block)) give_back(service, block->owner, block->place, block->lock.range);
    }
    for (const Place& place : locks.places) {
      state::Effects effects;
      coordinator.files().with(place.file, [&](state::FileState& file) {
        file.locks().drop_owner(locks.owner, service.outside.now_ns(), effects);
      });
      coordinator.deliver(effects);
    }
  }
  for (const auto& [place, open] : held.opens) close_reservation(service, place, open);
}

}  // namespace ditto::nlm
