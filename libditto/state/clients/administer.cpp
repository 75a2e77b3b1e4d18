// What an administrator sees of clients, and what is to be known before anything is taken from one.
#include <utility>

#include "state/clients/clients.hpp"

namespace ditto::state {

ClientList Clients::list(std::size_t most) const {
  ClientList list;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, entry] : entries_) {
    if (!entry.confirmed || ++list.count > most) continue;
    const Client& client = *entry.confirmed;
    list.listed.push_back({.id = client.id,
                           .key = key,
                           .address = client.address,
                           .standing = client.lease.standing(),
                           .lease_ends = after(client.lease.renewed_at(), limits_.lease_ns),
                           .opens = client.opens.count(),
                           .locks = client.locks.count(),
                           .grants = client.grants.count(),
                           .revoked = client.revoked_by_admin,
                           .sessions = client.book.sessions.size()});
  }
  return list;
}

Answer<StateBegun> Clients::begin_taking(Client& client, ClientEffects& effects) {
  const std::lock_guard lock(mutex_);
  if (client.lease.standing() == Standing::Gone) return refuse(Refusal::Expired);
  // A client without a record holds nothing, and reclaims nothing.
  if (client.book.marked || client.recorded == Client::Recorded::No) return StateBegun{.ready = true};
  if (client.book.marking == 0) {
    client.taken_from = true;
    client.book.marking = persist(Persist::What::Put, client.record(), effects).token;
    waiting_[client.book.marking] = {.what = Waiting::For::Mark, .client = client.id};
  }
  return StateBegun{.token = client.book.marking};
}

// RFC 8881, 18.38: by FREE_STATEID a client says that it has seen the loss. NFSv4.0 has no such word.
void Clients::unmark_if_known(Client& client, ClientEffects& effects) {
  const bool known = client.key.protocol == Protocol::Nfs41 && client.revoked_by_admin == 0 && client.taking == 0;
  if (!known || !client.book.marked || client.lease.standing() == Standing::Gone) return;
  client.book.marked = false;
  client.taken_from = false;
  if (client.recorded != Client::Recorded::No && client.book.revoking == 0) {
    persist(Persist::What::Put, client.record(), effects);
  }
}

void Clients::freed(Client& client, std::uint32_t revoked, ClientEffects& effects) {
  if (revoked == 0) return;
  const std::lock_guard lock(mutex_);
  client.revoked_by_admin -= revoked;
  unmark_if_known(client, effects);
}

void Clients::end_taking(Client& client, ClientEffects& effects) {
  const std::lock_guard lock(mutex_);
  --client.taking;
  unmark_if_known(client, effects);
}

}  // namespace ditto::state
