#pragma once

// What the tests of clients stand on: a server's clients with a clock of the test's own, and a state store that keeps
// what was persisted, or fails, when the test says so. One thread.

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/clients/clients.hpp"

namespace ditto::state {
struct SessionProbe {
  static void set_sequence(Session& session, std::uint32_t slot, std::uint32_t sequence) {
    session.slots_.at(slot).sequence = sequence;
  }
};
}  // namespace ditto::state

namespace ditto::state::test {

inline constexpr std::uint64_t second = 1'000'000'000;
inline constexpr ConnectionId wire = 7;

inline Introduction who(std::string owner, Verifier verifier = 1, Principal principal = "p") {
  return {.owner = std::move(owner), .verifier = verifier, .principal = std::move(principal)};
}

/// The refusal in `answer`; nothing if it is a value.
template <class T>
std::optional<Refusal> refusal(const Answer<T>& answer) {
  return answer ? std::nullopt : std::optional(answer.error());
}

inline CreateSession session_of(ClientId client, std::uint32_t sequence = 1, std::uint32_t slots = 8) {
  const ChannelAttributes channel{.max_request = 1 << 20,
                                  .max_response = 1 << 20,
                                  .max_response_cached = 4096,
                                  .max_operations = 16,
                                  .max_requests = slots};
  return {.client = client,
          .sequence = sequence,
          .fore = channel,
          .back = channel,
          .callbacks = true,
          .control = {.program = 0x40000000}};
}

/// The store of client records, and what is on its way to it.
struct RecordStore {
  std::map<ClientId, ClientRecord> records;
  std::vector<Persist> pending;

  void apply(const Persist& change) {
    switch (change.what) {
      case Persist::What::Put: records[change.record.id] = change.record; break;
      case Persist::What::Remove: records.erase(change.record.id); break;
      case Persist::What::EndGrace:
        std::erase_if(records, [&](const auto& entry) { return incarnation_of(entry.first) < change.keep_from; });
        for (const auto& record : change.cut_off) records[record.id] = record;
        break;
      case Persist::What::PutObject:
      case Persist::What::RemoveObject: FAIL("clients have no objects");
    }
  }
  std::vector<ClientRecord> all() const {
    std::vector<ClientRecord> list;
    for (const auto& [id, record] : records) list.push_back(record);
    return list;
  }
};

/// One server over a store; restart() is a crash.
struct World {
  ClientLimits limits{.lease_ns = 90 * second, .courtesy_ns = 1000 * second, .retry_ns = second};
  Moment now = 1000 * second;
  Incarnation incarnation = 1;
  RecordStore store;
  std::vector<ClientId> gone;
  std::vector<OwnerLapsed> lapsed;
  std::unique_ptr<Grace> grace;
  PersistTokens tokens;
  std::unique_ptr<Clients> clients;

  World() { start(); }
  explicit World(const ClientLimits& wanted) : limits(wanted) { start(); }

  void start() {
    gone.clear();
    lapsed.clear();
    grace = std::make_unique<Grace>();
    grace->begin(store.all(), {}, now, limits.lease_ns);
    clients = std::make_unique<Clients>(limits, incarnation, crypto::SipHashKey{1, 2}, *grace, tokens);
  }
  /// What was not yet durable is lost.
  void restart() {
    store.pending.clear();
    clients.reset();
    ++incarnation;
    start();
  }

  /// Runs `call(effects)` and takes its effects; nothing becomes durable before settle().
  template <class Call>
  auto run(Call call) {
    ClientEffects effects;
    auto answer = call(effects);
    take(effects);
    return answer;
  }
  void take(ClientEffects& effects) {
    for (auto& change : effects.persist) store.pending.push_back(std::move(change));
    for (const auto& client : effects.gone) gone.push_back(client.client);
    for (auto& owner : effects.unconfirmed) lapsed.push_back(std::move(owner));
    effects = {};
  }
  void settle() {
    while (!store.pending.empty()) {
      const Persist change = std::move(store.pending.front());
      store.pending.erase(store.pending.begin());
      store.apply(change);
      ClientEffects effects;
      clients->persisted(change.token, now, effects);
      take(effects);
    }
  }
  void fail_all() {
    for (const auto& change : std::exchange(store.pending, {})) clients->failed(change.token, now);
  }
  void advance() {
    ClientEffects effects;
    clients->advance(now, effects);
    take(effects);
  }
  void pass(std::uint64_t seconds) {
    now += seconds * second;
    advance();
  }

  Answer<Unconfirmed40> setclientid(const Introduction& client, const CallbackAddress& callback = {}) {
    return run([&](ClientEffects& e) { return clients->setclientid(client, callback, now, e); });
  }
  Answer<void> confirm(const Unconfirmed40& made, const Principal& principal = "p") {
    return run(
        [&](ClientEffects& e) { return clients->setclientid_confirm(made.id, made.confirm, principal, now, e); });
  }
  std::shared_ptr<Client> client40(const Introduction& client) {
    const auto made = setclientid(client);
    REQUIRE(made);
    REQUIRE(confirm(*made, client.principal));
    return clients->client(made->id);
  }

  Answer<ExchangedId> exchange(const Introduction& client, bool update = false) {
    return run([&](ClientEffects& e) { return clients->exchange_id(client, update, now, e); });
  }
  Answer<SessionCreated> create_session(const CreateSession& wanted, const Principal& principal = "p",
                                        ConnectionId connection = wire) {
    return run([&](ClientEffects& e) { return clients->create_session(wanted, principal, connection, now, e); });
  }
  std::shared_ptr<Session> session41(const Introduction& client, std::uint32_t slots = 8) {
    const auto made = exchange(client);
    REQUIRE(made);
    const auto created = create_session(session_of(made->id, made->sequence, slots), client.principal);
    REQUIRE(created);
    return clients->session(created->id);
  }
  std::shared_ptr<Client> client41(const Introduction& client) { return session41(client)->client(); }
  Answer<void> complete(Client& client) {
    return run([&](ClientEffects& e) { return clients->reclaim_complete(client, false, now, e); });
  }
  Answer<StateBegun> begin_state(Client& client) {
    return run([&](ClientEffects& e) { return clients->begin_state(client, e); });
  }
  /// An open, with all that goes before it.
  void open(Client& client) {
    REQUIRE(begin_state(client));
    settle();
    REQUIRE(begin_state(client)->ready);
    REQUIRE(client.opens.add());
  }
  Conflict conflict(ClientId id) {
    return run([&](ClientEffects& e) { return clients->claim_conflict(id, now, e); });
  }
};

}  // namespace ditto::state::test
