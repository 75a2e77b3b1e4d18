#include "server/nfs_service.hpp"

#include "base/assert.hpp"

namespace ditto::server {

NfsService::NfsService(const gate::Shares& shares, const rpc::ReplyCacheLimits& replies, rpc::InFlightPool& in_flight,
                       Executor& pool, const Clock& clock, Random& random, Log& log)
    : nfs3_{shares},
      mount_{.shares = shares},
      replies_(replies, random),
      host_{.programs = programs_,
            .replies = replies_,
            .in_flight = in_flight,
            .pool = pool,
            .clock = clock,
            .log = log} {
  DITTO_ASSERT(programs_.add(nfs3::program(nfs3_)));
  DITTO_ASSERT(programs_.add(mount::program(mount_)));
}

Outcome<std::unique_ptr<NfsService>> NfsService::open(const Options& options, const gate::Shares& shares,
                                                      std::span<EventLoop* const> loops, const MemoryBudget& memory,
                                                      rpc::InFlightPool& in_flight, Executor& pool, const Clock& clock,
                                                      Random& random, Log& log) {
  std::unique_ptr<NfsService> service(new NfsService(shares, memory.replies, in_flight, pool, clock, random, log));
  service->locks_ = std::make_unique<LockService>(options, shares, *loops.front(), in_flight, pool, clock, random, log);
  service->locks_->add_to(service->programs_);
  auto listener = TcpListener::open(loops, service->host_,
                                    {.address = options.listen,
                                     .port = options.nfs_port,
                                     .port_setting = "nfs_port",
                                     .max_connections = options.max_connections,
                                     .connection = memory.connection});
  if (!listener) return std::unexpected(std::move(listener.error()));
  service->listener_ = *std::move(listener);
  return service;
}

}  // namespace ditto::server
