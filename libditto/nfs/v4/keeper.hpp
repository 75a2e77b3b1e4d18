// The keeper of NFSv4's clients: brings together who they are (state/clients), what they hold by stateids
// (state/holdings) and the files that it is held on (the gate's coordinator), persists what must survive, and drops
// what a client that is gone has held. Handlers come here with a COMPOUND. One per server, outlives its connections;
// any loop.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/task.hpp"
#include "gate/coordinator.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/sessions.hpp"
#include "nfs/v4/stateids.hpp"
#include "state/clients/clients.hpp"
#include "state/holdings/holdings.hpp"

namespace ditto::nfs4 {

class Link;

/// In version 1 a special stateid stands for the current one of the COMPOUND (RFC 8881, 16.2.3.1.2).
inline const stateid4& meant_by(const Compound& compound, const stateid4& stateid) noexcept {
  const bool current = compound.minor > 0 && stateid == stateid4{.seqid = 1};
  return current ? compound.current.stateid : stateid;
}

/// Where clients' records are kept over restarts. Any thread.
class Records {
 public:
  using Done = std::function<void(bool durable)>;
  virtual ~Records() = default;
  /// Changes are applied in the order in which they come. `done` is called once the change is durable, or cannot be
  /// made; on any thread, also in here.
  virtual void apply(const state::Persist& change, Done done) = 0;
};

/// For servers that do not outlive their clients, and tests: nothing survives.
class NoRecords final : public Records {
 public:
  void apply(const state::Persist&, Done done) override { done(true); }
};

struct KeeperOptions {
  state::ClientLimits limits;
  state::Incarnation incarnation = 1;
  crypto::SipHashKey key{};
  std::vector<state::ClientRecord> records;  // of earlier incarnations
  std::string server_owner = "ditto";        // stays the same over restarts (RFC 8881, 2.10.4)
};

class Keeper final : public Sessions, public Stateids {
 public:
  Keeper(gate::Coordinator& coordinator, const Clock& clock, Records& records, KeeperOptions options);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  state::Clients& clients() noexcept { return clients_; }
  gate::Coordinator& coordinator() noexcept { return coordinator_; }
  const std::string& server_owner() const noexcept { return server_owner_; }
  state::Moment now() const noexcept { return clock_.monotonic_ns(); }
  state::Moment lease_ns() const noexcept { return lease_ns_; }

  /// What the client holds; made when it holds nothing yet.
  std::shared_ptr<state::Holdings> holdings(const state::Client& client);
  /// Null: it holds nothing.
  std::shared_ptr<state::Holdings> find_holdings(state::ClientId client) const;
  /// Whether the lock state's owner has bytes of its file locked.
  bool holds_locks(const state::LockState& state);
  /// The name of a lock owner, to say who is in the way: its client, and the owner; of other protocols' 0 and a word.
  lock_owner4 name_of(const state::LockOwner& owner) const;

  /// Persists, and drops what is gone.
  void deliver(state::ClientEffects& effects);
  /// Leases and deadlines that have come.
  void advance();
  state::Moment next_deadline() const;

  /// The client may be given state: it is in the records, and grace allows it. OK, GRACE, NO_GRACE...
  Task<nfsstat4> begin_state(Compound& compound, state::Client& client, bool reclaim);
  /// `in_the_way` holds what `own` wants. True: it is gone now, since its lease had run out.
  Task<bool> yields(Compound& compound, state::ClientId in_the_way, state::ClientId own);
  /// Everything of a client is dropped.
  void drop(state::ClientId client);

  /// What is kept with the connection that `compound` came by; made when there is nothing yet.
  Link& bind_link(Compound& compound);

  // Of COMPOUNDs.
  SEQUENCE4res sequence(Compound& compound, const SEQUENCE4args& args) override;
  nfsstat4 judge(Compound& compound, const stateid4& stateid, Intent intent) override;

  /// The client that `compound` acts for: of its session, or, in version 0, the one that is named, its lease renewed.
  std::expected<std::shared_ptr<state::Client>, nfsstat4> client_of(Compound& compound, clientid4 named);
  /// The client whose stateid it is: in version 1 the session's; in version 0 any, since whoever knows a stateid may
  /// use it (RFC 7530, 9.1.4).
  std::expected<std::shared_ptr<state::Client>, nfsstat4> bearer_of(Compound& compound, const state::StateId& id);
  static state::ZeroSequence zero_of(const Compound& compound) noexcept {
    return compound.minor == 0 ? state::ZeroSequence::IsOld : state::ZeroSequence::IsCurrent;
  }

 private:
  class Persisted;
  void persist(std::vector<state::Persist> changes);
  void finished(state::PersistToken token, bool durable);
  /// What a stateid of the client's stands for on a file.
  state::Answer<state::Holdings::Used> use(Compound& compound, const state::StateId& id, const state::FileKey& file);

  gate::Coordinator& coordinator_;
  const Clock& clock_;
  Records& records_;
  const std::string server_owner_;
  const state::Moment lease_ns_;
  const state::Incarnation incarnation_;
  state::Clients clients_;

  mutable std::mutex mutex_;  // guards the rest; a leaf
  std::unordered_map<state::ClientId, std::shared_ptr<state::Holdings>> holdings_;
  // Changes are applied in the order of their tokens, which several loops may bring in another.
  std::map<state::PersistToken, state::Persist> held_back_;
  state::PersistToken next_to_apply_ = 1;
  std::set<state::PersistToken> unfinished_;
  std::multimap<state::PersistToken, Persisted*> waiting_;
};

}  // namespace ditto::nfs4
