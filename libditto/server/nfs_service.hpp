// NFS in the versions that are wanted, MOUNT beside version 3, NLM and NSM on one TCP port: the programs, their reply
// cache and the listener. Opened, drained and closed by one thread at a time; the loops, the pools and the shares
// outlive it.
#pragma once

#include <memory>
#include <span>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "ditto/failure.hpp"
#include "ditto/options.hpp"
#include "gate/share.hpp"
#include "nfs/mount/service.hpp"
#include "nfs/v3/service.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/service.hpp"
#include "rpc/answer.hpp"
#include "rpc/in_flight.hpp"
#include "rpc/program.hpp"
#include "rpc/reply_cache.hpp"
#include "server/clients/client_records.hpp"
#include "server/clients/ticker.hpp"
#include "server/lock_service.hpp"
#include "server/memory_budget.hpp"
#include "server/net/tcp_listener.hpp"

namespace ditto::server {

class NfsService {
 public:
  static Outcome<std::unique_ptr<NfsService>> open(const Options& options, const gate::Shares& shares,
                                                   std::span<EventLoop* const> loops, const MemoryBudget& memory,
                                                   rpc::InFlightPool& in_flight, Executor& pool, const Clock& clock,
                                                   Random& random, Log& log);
  ~NfsService();
  NfsService(const NfsService&) = delete;
  NfsService& operator=(const NfsService&) = delete;

  /// Before the loops run: NFSv4's clients, whose records, and the server's name to them, are in `kv`; also where only
  /// version 3 is served, since grace is one for all. Blocks.
  Outcome<void> keep_clients(const Options& options, store::KvStore& kv, EventLoop& loop, const MemoryBudget& memory,
                             Random& random);

  /// All that clients hold in the tree of a share goes: once nobody finds the share any more, and again once all calls
  /// have ended that had found it.
  void drop_share(std::uint64_t share);

  LockService& locks() noexcept { return *locks_; }
  TcpListener& listener() noexcept { return *listener_; }
  const rpc::Programs& programs() const noexcept { return programs_; }
  /// Null before keep_clients().
  nfs4::Keeper* keeper() noexcept { return keeper_.get(); }
  const nfs4::Callbacks* callbacks() const noexcept { return callbacks_.get(); }

 private:
  NfsService(const Options& options, const gate::Shares& shares, const rpc::ReplyCacheLimits& replies,
             rpc::InFlightPool& in_flight, Executor& pool, const Clock& clock, Random& random, Log& log);
  const std::unique_ptr<const nfs4::IdMap> names_;  // null: users and groups are numbers
  nfs3::Service nfs3_;
  nfs4::Service nfs4_;
  mount::Service mount_;
  std::unique_ptr<ClientRecords> records_;  // behind the keeper's back: closed before it goes
  std::unique_ptr<nfs4::Keeper> keeper_;
  std::unique_ptr<nfs4::Callbacks> callbacks_;
  std::unique_ptr<Ticker> ticker_;
  rpc::Programs programs_;
  rpc::ReplyCache replies_;
  rpc::Host host_;
  std::unique_ptr<LockService> locks_;
  std::unique_ptr<TcpListener> listener_;
};

}  // namespace ditto::server
