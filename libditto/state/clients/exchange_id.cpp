// NFSv4.1: EXCHANGE_ID and DESTROY_CLIENTID. RFC 8881, 18.35 and 18.50.
#include "state/clients/clients.hpp"

namespace ditto::state {

// The numbers are those of the cases in 18.35.4.
Answer<ExchangedId> Clients::exchange_id(const Introduction& who, bool update, Moment now, ClientEffects& effects) {
  if (who.owner.empty() || who.owner.size() > limits_.owner_bytes || who.principal.size() > limits_.owner_bytes) {
    return refuse(Refusal::Invalid);
  }
  const OwnerKey key{.protocol = Protocol::Nfs41, .owner = who.owner};
  const std::lock_guard lock(mutex_);
  Entry* entry = known(key);
  const Client* confirmed = entry ? entry->confirmed.get() : nullptr;
  const auto existing = [](const Client& client) {
    return ExchangedId{.id = client.id, .sequence = client.book.create.sequence + 1, .confirmed = true};
  };
  if (update) {
    if (!confirmed) return refuse(Refusal::NoSuchOwner);                                 // 7
    if (confirmed->verifier != who.verifier) return refuse(Refusal::DifferentVerifier);  // 8
    if (confirmed->principal != who.principal) return refuse(Refusal::NotPermitted);     // 9
    return existing(*confirmed);                                                         // 6
  }
  if (confirmed && confirmed->principal != who.principal) {  // 3
    if (const auto yielded = yield_owner(*entry, now, effects); !yielded) return refuse(yielded.error());
    prune(*entry);
    confirmed = nullptr;
  }
  if (confirmed && confirmed->verifier == who.verifier) {  // 2
    // What it holds is being taken away: an id that ends the next moment helps nobody.
    if (confirmed->lease.standing() == Standing::Revoking) return refuse(Refusal::Delay);
    return existing(*confirmed);
  }
  const auto added = add_unconfirmed(key, who, now, effects);  // 1, 4, 5
  if (!added) return refuse(added.error());
  Unconfirmed& made = **added;
  return ExchangedId{.id = made.id, .sequence = made.create.sequence + 1};
}

Answer<void> Clients::destroy_clientid(ClientId id, ClientId sequenced_by, Moment now, ClientEffects& effects) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id, Protocol::Nfs41);
  if (!entry) return refuse(Refusal::StaleClientId);
  if (id == sequenced_by) return refuse(Refusal::ClientIdBusy);
  if (!entry->confirmed || entry->confirmed->id != id) {
    drop_unconfirmed(*entry);
    return {};
  }
  const std::shared_ptr<Client> client = entry->confirmed;
  if (must_wait(*client, now)) return refuse(Refusal::Delay);
  if (client->has_state() || !client->book.sessions.empty()) {
    // Only an unexpired lease protects them.
    if (!client->lease.seize(now, limits_.lease_ns)) return refuse(Refusal::ClientIdBusy);
    revoke(*entry, effects);
    if (entry->confirmed) return refuse(Refusal::Delay);
  } else {
    end(*entry, effects);
  }
  if (client->reclaims) grace_.done(client->key);
  end_grace_if_due(now, effects);
  prune(*entry);
  return {};
}

}  // namespace ditto::state
