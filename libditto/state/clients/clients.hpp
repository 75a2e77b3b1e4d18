// All NFSv4 clients of a server: how they introduce themselves, their leases and sessions, and what a restart leaves
// them. It decides and says what is to be done (effects); it has no clock, no store and no wire format, and it waits
// for nobody. Opens and locks are with their files: whoever keeps them counts them here and drops them when a client is
// gone. Any thread; what is rare takes one mutex, SEQUENCE and look-ups do not. Outlives the clients and sessions that
// others hold.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/crypto.hpp"
#include "state/clients/client.hpp"
#include "state/clients/effects.hpp"
#include "state/clients/session.hpp"
#include "state/clients/sharded_map.hpp"
#include "state/clients/summary.hpp"
#include "state/recovery/grace.hpp"
#include "state/recovery/records.hpp"

namespace ditto::state {

/// What a client says of itself, with the principal of the call.
struct Introduction {
  std::string owner;
  Verifier verifier = 0;
  Principal principal;
  std::string address;  // where it calls from, for people
};

/// SETCLIENTID's result.
struct Unconfirmed40 {
  ClientId id = 0;
  Verifier confirm = 0;
};

/// EXCHANGE_ID's result.
struct ExchangedId {
  ClientId id = 0;
  std::uint32_t sequence = 0;
  bool confirmed = false;  // EXCHGID4_FLAG_CONFIRMED_R
  friend bool operator==(const ExchangedId&, const ExchangedId&) = default;
};

/// Whether a client may be given state now. Waiting: call again when the Persist with `token` succeeded.
struct StateBegun {
  bool ready = false;
  PersistToken token = 0;
};

/// What becomes of a client that holds what somebody else wants.
struct Conflict {
  enum class Kind : std::uint8_t {
    Holds,     // its lease is good: the conflict stands
    Revoking,  // wait for `token`; ClientGone comes with it
    Later,     // that could not be made durable a moment ago: come again
    Gone,      // nothing of it counts any more
  };
  Kind kind = Kind::Holds;
  PersistToken token = 0;
};

class Clients {
 public:
  /// `grace` knows the records of the state store, has begun, and outlives it, as `tokens` do. `key` is secret and
  /// makes confirm verifiers and session ids hard to guess.
  Clients(const ClientLimits& limits, Incarnation incarnation, const crypto::SipHashKey& key, Grace& grace,
          PersistTokens& tokens);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  // NFSv4.0. RFC 7530, 16.33, 16.34, 16.29.
  Answer<Unconfirmed40> setclientid(const Introduction& who, const CallbackAddress& callback, Moment now,
                                    ClientEffects& effects);
  Answer<void> setclientid_confirm(ClientId id, Verifier confirm, const Principal& principal, Moment now,
                                   ClientEffects& effects);
  /// RENEW, and any operation with a 4.0 client's id: the client, its lease renewed.
  Answer<std::shared_ptr<Client>> renew(ClientId id, Moment now);
  /// Where a 4.0 client wants its callbacks.
  std::optional<CallbackAddress> callback_address(ClientId id) const;

  // NFSv4.1. RFC 8881, 18.35 to 18.37, 18.50, 18.51. SEQUENCE and BIND_CONN_TO_SESSION are with the session.
  Answer<ExchangedId> exchange_id(const Introduction& who, bool update, Moment now, ClientEffects& effects);
  Answer<SessionCreated> create_session(const CreateSession& wanted, const Principal& principal,
                                        ConnectionId connection, Moment now, ClientEffects& effects);
  Answer<void> destroy_session(const SessionId& id, ConnectionId connection);
  /// `sequenced_by` is the client whose session the COMPOUND began with, or 0.
  Answer<void> destroy_clientid(ClientId id, ClientId sequenced_by, Moment now, ClientEffects& effects);
  /// Where there is a record it counts once that says so: Client::reclaim_complete tells. Delay: it is on its way.
  Answer<void> reclaim_complete(Client& client, bool one_file_system, Moment now, ClientEffects& effects);

  std::shared_ptr<Client> client(ClientId id) const { return clients_.find(id); }
  std::shared_ptr<Session> session(const SessionId& id) const { return sessions_.find(id); }
  /// The client's sessions, the oldest first.
  std::vector<std::shared_ptr<Session>> sessions_of(ClientId id) const;

  /// Before a client's first open, lock or grant: its record must be durable. Takes no lock once it is. A client may go
  /// between this and the adding of its state to a file: whoever adds looks at lease.standing() again under the file's
  /// lock.
  Answer<StateBegun> begin_state(Client& client, ClientEffects& effects);
  /// A reclaim: NoGrace if there is nothing that only this client could have had.
  Answer<void> may_reclaim(const Client& client) const;
  /// A new open, lock or grant: Grace while others may still reclaim, or before the client's RECLAIM_COMPLETE.
  Answer<void> may_grant(const Client& client) const;
  /// For an administrator who takes some of what the client holds: what is taken must not be reclaimed after a restart,
  /// so that is marked first, as begin_state() does it; Client::taken_from is false again if it could not be. Within a
  /// Taking.
  Answer<StateBegun> begin_taking(Client& client, ClientEffects& effects);
  /// Opens and locks are gone, `revoked` of which had been taken: once the client has freed all of those, it knows what
  /// it has not got any more, and may reclaim again.
  void freed(Client& client, std::uint32_t revoked, ClientEffects& effects);
  void end_taking(Client& client, ClientEffects& effects);
  Grace::Phase grace() const noexcept { return grace_.phase(); }

  /// Somebody wants what this client holds. A client whose lease ran out loses everything, once that is durable: only
  /// then may the other be answered.
  Conflict claim_conflict(ClientId id, Moment now, ClientEffects& effects);

  /// Does what is due. The moment of the next thing that may be: renewals only make it later.
  void advance(Moment now, ClientEffects& effects);
  Moment next_deadline() const;

  void persisted(PersistToken token, Moment now, ClientEffects& effects);
  void failed(PersistToken token, Moment now);

  /// Of the confirmed ones at most `most`; for what an administrator asks.
  ClientList list(std::size_t most) const;
  /// Confirmed and unconfirmed.
  std::size_t count() const;
  const ReplyBudget& replies() const noexcept { return replies_; }

 private:
  struct Unconfirmed {
    ClientId id = 0;  // that of the confirmed client if a 4.0 client changes its callback address
    Verifier verifier = 0;
    Principal principal;
    std::string address;
    Moment made = 0;
    CallbackAddress callback;
    Verifier confirm = 0;
    CreateSessionSlot create;
  };
  struct Entry {
    OwnerKey key;
    std::shared_ptr<Client> confirmed;
    std::optional<Unconfirmed> unconfirmed;
  };
  /// Who waits for a Persist.
  struct Waiting {
    enum class For : std::uint8_t { Record, Revocation, Mark, Completion, EndOfGrace };
    For what = For::Record;
    ClientId client = 0;
  };

  // All of these under mutex_.
  Entry& entry_of(const OwnerKey& key);
  Entry* known(const OwnerKey& key);
  Entry* find(ClientId id, Protocol protocol);
  void prune(Entry& entry);
  ClientId new_id();
  Verifier secret(std::uint64_t number);
  bool make_room(Moment now, ClientEffects& effects);
  /// In place of the one that its owner may have.
  Answer<Unconfirmed*> add_unconfirmed(const OwnerKey& key, const Introduction& who, Moment now,
                                       ClientEffects& effects);
  Unconfirmed& put_unconfirmed(Entry& entry, const Introduction& who, ClientId id, Moment now);
  void remove_unconfirmed(Entry& entry);
  void drop_unconfirmed(Entry& entry);
  std::shared_ptr<Client> make_client(const Entry& entry, const Unconfirmed& from, Moment now);
  void confirm(Entry& entry, std::shared_ptr<Client> client, ClientEffects& effects);
  Answer<void> yield_owner(Entry& entry, Moment now, ClientEffects& effects);
  void forget(Client& client);
  void end(Entry& entry, ClientEffects& effects);
  bool must_wait(const Client& client, Moment now) const;
  void revoke(Entry& entry, ClientEffects& effects);
  Moment visit(Entry& entry, Moment now, ClientEffects& effects);
  Moment expire_unconfirmed(Moment now);
  void end_grace_if_due(Moment now, ClientEffects& effects);
  void complete(Client& client, Moment now, ClientEffects& effects);
  Persist& persist(Persist::What what, ClientRecord record, ClientEffects& effects);
  void unmark_if_known(Client& client, ClientEffects& effects);
  void keep_revoked(ClientId id, ClientEffects& effects);
  Answer<SessionCreated> make_session(const CreateSession& wanted, SessionCreated created,
                                      const std::shared_ptr<Client>& client, ConnectionId connection, Moment now);
  void trim_sessions(Moment now);
  SessionId new_session_id(ClientId client);

  const ClientLimits limits_;
  const Incarnation incarnation_;
  const crypto::SipHashKey key_;
  Grace& grace_;
  PersistTokens& tokens_;
  ReplyBudget replies_;

  ShardedMap<ClientId, Client, std::hash<ClientId>> clients_;
  ShardedMap<SessionId, Session, SessionId::Hash> sessions_;

  mutable std::mutex mutex_;
  std::map<OwnerKey, Entry> entries_;
  std::unordered_map<ClientId, Entry*> by_id_;
  std::set<std::pair<Moment, ClientId>> unconfirmed_;  // the oldest first
  std::unordered_map<PersistToken, Waiting> waiting_;
  std::size_t completing_ = 0;  // of those, whom grace does not end without
  std::set<ClientId> revoked_records_;
  Moment next_ = never;
  std::uint32_t last_number_ = 0;
  bool numbers_wrapped_ = false;
  std::uint64_t secrets_ = 0;
  Moment trim_at_ = 0;
};

}  // namespace ditto::state
