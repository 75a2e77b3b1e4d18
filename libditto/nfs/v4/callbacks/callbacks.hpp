// What NFSv4 clients are told of the server's own accord: that a delegation is wanted back (CB_RECALL), that a lock
// that they poll for is free (CB_NOTIFY_LOCK), that a copy is done (CB_OFFLOAD). Each is kept until the client has
// answered it, and goes again by another channel when one breaks: NFSv4.1 by its sessions' backchannels, NFSv4.0 by a
// connection that the server opens. It gives no grants and frees no locks. One per server, beside the keeper; workers
// run on the loop of Outside, all else on any loop. What state/ wants done is only queued here, so nothing waits.
#pragma once

#include <memory>

#include "gate/coordinator.hpp"
#include "nfs/common/outside.hpp"
#include "nfs/v4/callbacks/counters.hpp"
#include "nfs/v4/callbacks/delegated.hpp"
#include "nfs/v4/callbacks/dialled_paths.hpp"
#include "nfs/v4/callbacks/directory_watches.hpp"
#include "nfs/v4/callbacks/lock_waits.hpp"
#include "nfs/v4/callbacks/queues.hpp"
#include "nfs/v4/callbacks/session_calls.hpp"
#include "nfs/v4/copy_errands.hpp"
#include "nfs/v4/offloads.hpp"

namespace ditto::nfs4 {

class Keeper;

class Callbacks final : public gate::Callbacks {
 public:
  /// The keeper and the coordinator hear of it until it goes. Made before the server starts; goes once no errand of
  /// `outside`, which `dialer` belongs to, is left, and before the keeper.
  Callbacks(Keeper& keeper, nfs::Outside& outside, rpc::Dialer& dialer);
  ~Callbacks() override;
  Callbacks(const Callbacks&) = delete;
  Callbacks& operator=(const Callbacks&) = delete;

  void recall(const state::Recall& recall) override;
  void query(const state::Query& query) override;
  void revoked(const state::Revoked& revoked) override;
  void lock_available(const state::LockAvailable& available) override;

  /// For whoever gives delegations: noted here, and counted in Client::grants, before the reply leaves.
  Delegations& delegations() noexcept { return delegations_; }
  const Delegations& delegations() const noexcept { return delegations_; }
  /// The client has given a delegation back: it is gone, and whoever waited for that goes on.
  void returned(const state::FileKey& file, state::GrantId grant);
  /// The same for one that its client never had.
  void withdraw(const state::FileKey& file, state::GrantId grant);

  /// For whoever gives delegations of directories.
  DirectoryWatches& directories() noexcept { return directories_; }
  /// What happened in a directory goes to who has a delegation of it; DirectoryWatches::answered() says what came of
  /// that.
  void notify(const Delegated& delegated, state::GrantId grant, const state::FileKey& file, CB_NOTIFY4args told);
  /// What a callback to the client may hold, beside its headers.
  std::size_t bytes_for(state::ClientId client) const;
  /// The server wants a delegation back by itself.
  void ask_back(const state::FileKey& file, state::GrantId grant);
  /// It is revoked.
  void take(const state::FileKey& file, state::GrantId grant);

  /// Copies that go on by themselves, and who copies.
  Offloads& offloads() noexcept { return offloads_; }
  const Offloads& offloads() const noexcept { return offloads_; }
  CopyErrands& copies() noexcept { return copies_; }
  /// What came of one; it is tried until then.
  void tell(state::ClientId client, CB_OFFLOAD4args told, std::optional<Delegated::Request> by, state::Moment until);

  LockWaits& lock_waits() noexcept { return lock_waits_; }
  const std::shared_ptr<Channels>& channels() const noexcept { return session_calls_.channels(); }

  /// A client has a way for callbacks (again): what waits for it goes out. CREATE_SESSION, BIND_CONN_TO_SESSION.
  void channel_came(state::ClientId client) { start(client); }
  /// SETCLIENTID_CONFIRM: its callbacks go to the address that it gave; the way there is tried.
  void confirmed(state::ClientId client);
  /// Whether the client can be told something now.
  bool reaches(const state::Client& client) const;
  /// RENEW of NFSv4.0: it holds what may be recalled, and cannot be reached (RFC 7530, 10.2.1 and 16.28).
  bool path_is_missed(const state::Client& client);

  void drop(state::ClientId client);
  /// What is overdue. On the loop of Outside.
  void advance(state::Moment now);

  CallbackCounts counts() const noexcept { return counters_.read(); }
  std::size_t waiting() const { return queues_.size(); }

 private:
  void enqueue(state::ClientId client, Message message);
  void start(state::ClientId client);
  void probe_due(state::Moment now);
  Detached probe(state::ClientId client);
  Detached work(state::ClientId client);
  /// True: the worker was told that there is nothing more to do.
  Task<bool> work_by_sessions(state::ClientId client);
  Task<bool> work_by_dialling(state::ClientId client);
  /// What an attempt came to. False: the worker has no way any more.
  bool settle(state::ClientId client, Message message, const Delivery& delivery);
  /// True: that was the end of it.
  bool answered(Message& message, const Delivery& delivery);
  void report(const Message& message, const Delivery& delivery);
  /// Nobody will answer it.
  void lost(const Message& message);
  /// It is not counted any more. False: it was not.
  bool forget_grant(state::ClientId client, state::GrantId grant);

  Keeper& keeper_;
  nfs::Outside& outside_;
  CallbackCounters counters_;
  CallbackQueues queues_;
  Delegations delegations_;
  LockWaits lock_waits_;
  DirectoryWatches directories_{*this, outside_};
  Offloads offloads_;
  CopyErrands copies_{*this, keeper_, outside_, offloads_};
  SessionCalls session_calls_;
  DialledPaths dialled_paths_;
};

}  // namespace ditto::nfs4
