// The keeper of NFSv4's clients: brings together who they are (state/clients), what they hold by stateids
// (state/holdings) and the files that it is held on (the gate's coordinator), persists what must survive, and drops
// what a client that is gone has held. Handlers come here with a COMPOUND. One per server, outlives its connections;
// any loop.
#pragma once

#include <expected>
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

class Callbacks;
class Link;

/// In version 1 a special stateid stands for the current one of the COMPOUND (RFC 8881, 16.2.3.1.2).
inline const stateid4& meant_by(const Compound& compound, const stateid4& stateid) noexcept {
  const bool current = compound.minor > 0 && stateid == stateid4{.seqid = 1};
  return current ? compound.current.stateid : stateid;
}

struct KeeperOptions {
  state::ClientLimits limits;
  std::uint64_t hosts_grace_ns = state::never;  // what NLM hosts have of grace; a lease at most
  state::Incarnation incarnation = 1;
  crypto::SipHashKey key{};
  std::vector<state::ClientRecord> records;  // of earlier incarnations
  std::vector<state::ObjectRecord> objects;  // the same
  std::string server_owner = "ditto";        // stays the same over restarts (RFC 8881, 2.10.4)
};

class Keeper final : public Sessions, public Stateids, public gate::Leases {
  class Persisted;

 public:
  /// `records` outlives it, and is where the coordinator keeps what must survive from now on.
  Keeper(gate::Coordinator& coordinator, const Clock& clock, state::Records& records, const KeeperOptions& options);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  state::Clients& clients() noexcept { return clients_; }
  gate::Coordinator& coordinator() noexcept { return coordinator_; }
  const std::string& server_owner() const noexcept { return server_owner_; }
  state::Moment now() const noexcept { return clock_.monotonic_ns(); }
  state::Moment lease_ns() const noexcept { return lease_ns_; }
  /// Null: clients are not called back. Set before the server starts.
  Callbacks* callbacks() const noexcept { return callbacks_; }
  void set_callbacks(Callbacks* callbacks) noexcept { callbacks_ = callbacks; }

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
  /// The same, and waits on `home` until what it persists is durable, or could not be made so.
  Task<void> deliver_durably(Executor& home, state::ClientEffects& effects);
  /// Leases and deadlines that have come.
  void advance();
  state::Moment next_deadline() const;

  /// The client may be given state: it is in the records, and grace allows it. OK, GRACE, NO_GRACE...
  Task<nfsstat4> begin_state(Compound& compound, state::Client& client, bool reclaim);
  Claim claim(state::ClientId client, gate::TicketWait& wait) override;
  /// A client whose lease has run out goes, now that somebody wants what it holds.
  void seize_if_silent(state::ClientId client);
  /// Whether somebody may yet reclaim what forbids that to whoever has no open.
  bool is_reserved(const Place& at, Intent intent);
  /// Everything of a client is dropped.
  void drop(state::ClientId client);
  /// Opens and locks of a client are not there any more.
  void count_off(state::Client& client, const state::Holdings::Gone& gone);

  // For an administrator; whoever waits does so on `home`.

  /// What to take: all that a client holds, an open, or what a lock owner has locked of a file.
  struct ToTake {
    state::ClientId client = state::nobody;
    state::OpenId open = 0;
    std::uint64_t lock_owner = 0, inode = 0;
  };
  struct Taken {
    enum class Outcome : std::uint8_t { Done, Unknown, NotDurable };
    Outcome outcome = Outcome::Done;
    std::size_t opens = 0, locks = 0, grants = 0;
  };
  /// The client's stateids say so (NFS4ERR_ADMIN_REVOKED), and whoever waited for it goes on; before that it is
  /// durable that it reclaims none of it after a restart.
  Task<Taken> take(Executor& home, ToTake what);
  /// What is held on `files`, which is sorted, is gone without a word, as their share is.
  void drop_files(const std::vector<state::FileKey>& files);

  /// What is kept with the connection that `compound` came by; made when there is nothing yet.
  Link& bind_link(Compound& compound);

  // Of COMPOUNDs.
  SEQUENCE4res sequence(Compound& compound, const SEQUENCE4args& args) override;
  nfsstat4 judge(Compound& compound, const stateid4& stateid, Intent intent) override;
  /// Of a stateid of version 1 that was good before, whatever has been opened by it or given up since.
  nfsstat4 judge_again(state::StateId id, const state::FileKey& file, Intent intent) const;

  /// The client that `compound` acts for: of its session, or, in version 0, the one that is named, its lease renewed.
  std::expected<std::shared_ptr<state::Client>, nfsstat4> client_of(Compound& compound, clientid4 named);
  /// The client whose stateid it is: in version 1 the session's; in version 0 any, since whoever knows a stateid may
  /// use it (RFC 7530, 9.1.4).
  std::expected<std::shared_ptr<state::Client>, nfsstat4> bearer_of(Compound& compound, const state::StateId& id);
  static state::ZeroSequence zero_of(const Compound& compound) noexcept {
    return compound.minor == 0 ? state::ZeroSequence::IsOld : state::ZeroSequence::IsCurrent;
  }

 private:
  void came_from(Compound& compound, state::ClientId client);
  Task<bool> mark_taken(Executor& home, state::Client& client);
  void take_from_file(const state::Holdings::Revoked& revoked);
  std::size_t take_grants(state::ClientId client);
  void persist(std::vector<state::Persist> changes);
  /// False: it is not awaited any more, or never was.
  bool await(state::PersistToken token, gate::TicketWait& wait);
  void finished(state::PersistToken token, bool durable);
  /// What a stateid of the client's stands for on a file.
  state::Answer<state::Holdings::Used> use(Compound& compound, const state::StateId& id, const state::FileKey& file);

  gate::Coordinator& coordinator_;
  const Clock& clock_;
  const std::string server_owner_;
  const state::Moment lease_ns_;
  const state::Holdings::Limits holdings_limits_;
  const state::Incarnation incarnation_;
  state::Clients clients_;
  Callbacks* callbacks_ = nullptr;

  mutable std::mutex mutex_;  // guards the rest; a leaf
  std::unordered_map<state::ClientId, std::shared_ptr<state::Holdings>> holdings_;
  std::set<state::PersistToken> unfinished_;
  std::multimap<state::PersistToken, gate::TicketWait*> waiting_;
};

}  // namespace ditto::nfs4
