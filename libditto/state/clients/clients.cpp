// The directory: ids, records, who is confirmed and who goes.
#include "state/clients/clients.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ditto::state {

Clients::Clients(const ClientLimits& limits, Incarnation incarnation, const crypto::SipHashKey& key, Grace& grace,
                 PersistTokens& tokens)
    : limits_(limits),
      incarnation_(incarnation),
      key_(key),
      grace_(grace),
      tokens_(tokens),
      replies_(limits.reply_bytes) {}

Clients::~Clients() {
  for (auto& [key, entry] : entries_) {
    if (entry.confirmed) forget(*entry.confirmed);
  }
}

Clients::Entry& Clients::entry_of(const OwnerKey& key) {
  const auto [at, is_new] = entries_.try_emplace(key);
  if (is_new) at->second.key = key;
  return at->second;
}

Clients::Entry* Clients::known(const OwnerKey& key) {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

Clients::Entry* Clients::find(ClientId id, Protocol protocol) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() || found->second->key.protocol != protocol ? nullptr : found->second;
}

void Clients::prune(Entry& entry) {
  if (!entry.confirmed && !entry.unconfirmed) entries_.erase(OwnerKey(entry.key));
}

ClientId Clients::new_id() {
  ClientId id = 0;
  do {
    if (++last_number_ == 0) {
      numbers_wrapped_ = true;
      last_number_ = 1;
    }
    id = ClientId{incarnation_} << 32 | last_number_;
  } while (by_id_.contains(id));
  return id;
}

Verifier Clients::secret(std::uint64_t number) {
  const std::array<std::uint64_t, 2> input{++secrets_, number};
  return crypto::siphash(key_, std::as_bytes(std::span(input)));
}

// The first to go are those that were never confirmed, then the client that has been silent for longest.
bool Clients::make_room(Moment now, ClientEffects& effects) {
  if (by_id_.size() < limits_.clients) return true;
  for (const auto& [made, id] : unconfirmed_) {
    Entry& entry = *by_id_.at(id);
    if (entry.confirmed && entry.confirmed->id == id) continue;  // takes no room of its own
    drop_unconfirmed(entry);
    return true;
  }
  Entry* silent = nullptr;
  for (auto& [key, entry] : entries_) {
    if (!entry.confirmed || !entry.confirmed->lease.ran_out(now, limits_.lease_ns)) continue;
    if (must_wait(*entry.confirmed, now)) return false;  // room is on its way
    if (silent == nullptr || entry.confirmed->lease.renewed_at() < silent->confirmed->lease.renewed_at())
      silent = &entry;
  }
  if (silent == nullptr || !silent->confirmed->lease.seize(now, limits_.lease_ns)) return false;
  revoke(*silent, effects);
  prune(*silent);
  return by_id_.size() < limits_.clients;
}

Answer<Clients::Unconfirmed*> Clients::add_unconfirmed(const OwnerKey& key, const Introduction& who, Moment now,
                                                       ClientEffects& effects) {
  if (Entry* entry = known(key)) drop_unconfirmed(*entry);
  if (!make_room(now, effects)) return refuse(Refusal::TooManyClients);
  return &put_unconfirmed(entry_of(key), who, new_id(), now);
}

Clients::Unconfirmed& Clients::put_unconfirmed(Entry& entry, const Introduction& who, ClientId id, Moment now) {
  remove_unconfirmed(entry);
  Unconfirmed& made = entry.unconfirmed.emplace(
      Unconfirmed{.id = id, .verifier = who.verifier, .principal = who.principal, .address = who.address, .made = now});
  made.confirm = secret(id);
  by_id_[id] = &entry;
  unconfirmed_.emplace(now, id);
  next_ = std::min(next_, after(now, limits_.lease_ns));
  return made;
}

void Clients::remove_unconfirmed(Entry& entry) {
  if (!entry.unconfirmed) return;
  const ClientId id = entry.unconfirmed->id;
  unconfirmed_.erase({entry.unconfirmed->made, id});
  if (!entry.confirmed || entry.confirmed->id != id) by_id_.erase(id);
  entry.unconfirmed.reset();
}

void Clients::drop_unconfirmed(Entry& entry) {
  remove_unconfirmed(entry);
  prune(entry);
}

std::shared_ptr<Client> Clients::make_client(const Entry& entry, const Unconfirmed& from, Moment now) {
  auto client = std::make_shared<Client>(from.id, entry.key, from.verifier, from.principal, limits_, replies_, now);
  client->address = from.address;
  client->reclaims = grace_.knows(entry.key, from.principal);
  client->book.create = from.create;
  client->book.callback = from.callback;
  client->book.confirm = from.confirm;
  return client;
}

void Clients::confirm(Entry& entry, std::shared_ptr<Client> client, ClientEffects& effects) {
  remove_unconfirmed(entry);
  if (entry.confirmed) end(entry, effects);  // the client restarted: RFC 7530, 16.34.5; RFC 8881, 18.36.4
  by_id_[client->id] = &entry;
  clients_.insert(client->id, client);
  next_ = std::min(next_, after(client->lease.renewed_at(), limits_.lease_ns));
  entry.confirmed = std::move(client);
}

/// Another principal wants the owner of a confirmed client, which gives way if it has no state or its lease ran out.
/// RFC 8881, 18.35.4, case 3; RFC 7530, 9.1.1.
Answer<void> Clients::yield_owner(Entry& entry, Moment now, ClientEffects& effects) {
  Client& client = *entry.confirmed;
  if (must_wait(client, now)) return refuse(Refusal::Delay);
  if (client.has_state()) {
    if (!client.lease.seize(now, limits_.lease_ns)) return refuse(Refusal::ClientIdInUse);
    revoke(entry, effects);
    if (entry.confirmed) return refuse(Refusal::Delay);
    return {};
  }
  end(entry, effects);
  return {};
}

/// Nobody finds it or its sessions any more.
void Clients::forget(Client& client) {
  client.lease.end();
  for (const auto& session : client.book.sessions) {
    sessions_.erase(session->id());
    session->end();
  }
  client.book.sessions.clear();
  waiting_.erase(client.book.recording);
  waiting_.erase(client.book.revoking);
  waiting_.erase(client.book.marking);
  const auto known = by_id_.find(client.id);
  // With a new callback address that it had not confirmed yet, which went by the same id.
  if (known != by_id_.end() && known->second->unconfirmed && known->second->unconfirmed->id == client.id) {
    remove_unconfirmed(*known->second);
  }
  by_id_.erase(client.id);
  clients_.erase(client.id);
}

/// The confirmed client leaves, of its own will or for its successor; the entry stays.
void Clients::end(Entry& entry, ClientEffects& effects) {
  const std::shared_ptr<Client> client = std::exchange(entry.confirmed, nullptr);
  forget(*client);
  if (client->recorded != Client::Recorded::No || client->book.revoking != 0) {
    persist(Persist::What::Remove, {.id = client->id, .key = client->key}, effects);
  }
  effects.gone.push_back({.client = client->id});
}

/// It is on its way out, or was, and the store has not recovered from that yet: whoever wants it to be gone comes
/// again.
bool Clients::must_wait(const Client& client, Moment now) const {
  if (client.lease.standing() == Standing::Revoking) return true;
  return now < client.book.retry_at && client.lease.ran_out(now, limits_.lease_ns);
}

/// A seized client loses its state: at once if nothing of it could be reclaimed, otherwise when that is durable.
void Clients::revoke(Entry& entry, ClientEffects& effects) {
  Client& client = *entry.confirmed;
  if (client.recorded == Client::Recorded::No) {
    end(entry, effects);
    return;
  }
  ClientRecord record = client.record();
  record.revoked = true;
  client.book.revoking = persist(Persist::What::Put, std::move(record), effects).token;
  waiting_[client.book.revoking] = {.what = Waiting::For::Revocation, .client = client.id};
}

Persist& Clients::persist(Persist::What what, ClientRecord record, ClientEffects& effects) {
  return effects.persist.emplace_back(Persist{.what = what, .token = tokens_.next(), .record = std::move(record)});
}

// The mark is kept for who looks at the store; that a client is not to reclaim, a missing record says as well.
void Clients::keep_revoked(ClientId id, ClientEffects& effects) {
  revoked_records_.insert(id);
  if (revoked_records_.size() <= limits_.revoked_records) return;
  persist(Persist::What::Remove, {.id = *revoked_records_.begin()}, effects);
  revoked_records_.erase(revoked_records_.begin());
}

Conflict Clients::claim_conflict(ClientId id, Moment now, ClientEffects& effects) {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return {.kind = Conflict::Kind::Gone};
  Entry& entry = *found->second;
  if (!entry.confirmed || entry.confirmed->id != id) return {.kind = Conflict::Kind::Gone};
  const std::shared_ptr<Client> client = entry.confirmed;
  if (client->lease.standing() == Standing::Revoking) {
    return {.kind = Conflict::Kind::Revoking, .token = client->book.revoking};
  }
  if (must_wait(*client, now)) return {.kind = Conflict::Kind::Later};
  if (!client->lease.seize(now, limits_.lease_ns)) return {.kind = Conflict::Kind::Holds};
  revoke(entry, effects);
  if (entry.confirmed) return {.kind = Conflict::Kind::Revoking, .token = client->book.revoking};
  prune(entry);
  return {.kind = Conflict::Kind::Gone};
}

std::size_t Clients::count() const {
  const std::lock_guard lock(mutex_);
  return by_id_.size();
}

}  // namespace ditto::state
