// NFSv4.0: SETCLIENTID, SETCLIENTID_CONFIRM and RENEW. RFC 7530, 16.33, 16.34, 16.29.
#include "state/clients/clients.hpp"

namespace ditto::state {

// 16.33.5. A confirmed client with the same verifier only wants to change its callback address and keeps its id;
// everybody else gets a new id. Nobody's state changes before SETCLIENTID_CONFIRM.
Answer<Unconfirmed40> Clients::setclientid(const Introduction& who, const CallbackAddress& callback, Moment now,
                                           ClientEffects& effects) {
  if (who.owner.size() > limits_.owner_bytes || who.principal.size() > limits_.owner_bytes) {
    return refuse(Refusal::Invalid);
  }
  const OwnerKey key{.protocol = Protocol::Nfs40, .owner = who.owner};
  const std::lock_guard lock(mutex_);
  Entry* entry = known(key);
  if (entry && entry->confirmed && entry->confirmed->principal != who.principal) {
    if (const auto yielded = yield_owner(*entry, now, effects); !yielded) return refuse(yielded.error());
    prune(*entry);
    entry = known(key);
  }
  Unconfirmed* made = nullptr;
  if (entry && entry->confirmed && entry->confirmed->verifier == who.verifier) {
    made = &put_unconfirmed(*entry, who, entry->confirmed->id, now);
  } else {
    const auto added = add_unconfirmed(key, who, now, effects);
    if (!added) return refuse(added.error());
    made = *added;
  }
  made->callback = callback;
  return Unconfirmed40{.id = made->id, .confirm = made->confirm};
}

// 16.34.5.
Answer<void> Clients::setclientid_confirm(ClientId id, Verifier confirmed_by, const Principal& principal, Moment now,
                                          ClientEffects& effects) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id, Protocol::Nfs40);
  if (!entry) return refuse(Refusal::StaleClientId);
  const bool was_confirmed = entry->confirmed && entry->confirmed->id == id;
  const bool pending =
      entry->unconfirmed && entry->unconfirmed->id == id && entry->unconfirmed->confirm == confirmed_by;
  if (!pending) {
    // Answered before, and the answer was lost.
    if (!was_confirmed || entry->confirmed->book.confirm != confirmed_by) return refuse(Refusal::StaleClientId);
    if (entry->confirmed->principal != principal) return refuse(Refusal::ClientIdInUse);
    return {};
  }
  if (entry->unconfirmed->principal != principal) return refuse(Refusal::ClientIdInUse);
  if (was_confirmed) {
    entry->confirmed->book.callback = entry->unconfirmed->callback;
    entry->confirmed->book.confirm = confirmed_by;
    remove_unconfirmed(*entry);
    return {};
  }
  confirm(*entry, make_client(*entry, *entry->unconfirmed, now), effects);
  return {};
}

Answer<std::shared_ptr<Client>> Clients::renew(ClientId id, Moment now) {
  if (auto client = clients_.find(id); client && client->key.protocol == Protocol::Nfs40) {
    if (!client->lease.renew(now)) return refuse(Refusal::Expired);
    return client;
  }
  // 9.6.3: STALE_CLIENTID says that the server restarted and there may be something to reclaim; EXPIRED, that the state
  // of this id was lost while it ran.
  const std::lock_guard lock(mutex_);
  const bool handed_out = incarnation_of(id) == incarnation_ && !by_id_.contains(id) &&
                          (numbers_wrapped_ || static_cast<std::uint32_t>(id) <= last_number_);
  return refuse(handed_out ? Refusal::Expired : Refusal::StaleClientId);
}

std::optional<CallbackAddress> Clients::callback_address(ClientId id) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || !found->second->confirmed || found->second->confirmed->id != id) return std::nullopt;
  return found->second->confirmed->book.callback;
}

}  // namespace ditto::state
