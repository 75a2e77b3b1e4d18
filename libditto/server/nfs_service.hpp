// NFSv3, MOUNT, NLM and NSM on one TCP port: the programs, their reply cache and the listener. Opened, drained and
// closed by one thread at a time; the loops, the pools and the shares outlive it.
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
#include "rpc/answer.hpp"
#include "rpc/in_flight.hpp"
#include "rpc/program.hpp"
#include "rpc/reply_cache.hpp"
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
  NfsService(const NfsService&) = delete;
  NfsService& operator=(const NfsService&) = delete;

  LockService& locks() noexcept { return *locks_; }
  TcpListener& listener() noexcept { return *listener_; }
  const rpc::Programs& programs() const noexcept { return programs_; }

 private:
  NfsService(const gate::Shares& shares, const rpc::ReplyCacheLimits& replies, rpc::InFlightPool& in_flight,
             Executor& pool, const Clock& clock, Random& random, Log& log);

  nfs3::Service nfs3_;
  mount::Service mount_;
  rpc::Programs programs_;
  rpc::ReplyCache replies_;
  rpc::Host host_;
  std::unique_ptr<LockService> locks_;
  std::unique_ptr<TcpListener> listener_;
};

}  // namespace ditto::server
