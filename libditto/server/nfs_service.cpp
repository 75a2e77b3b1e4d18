#include "server/nfs_service.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "gate/promises.hpp"
#include "server/clients/server_identity.hpp"
#include "server/failures.hpp"
#include "server/host_names.hpp"

namespace ditto::server {

namespace {

std::unique_ptr<const nfs4::IdMap> names_of(const std::string& domain, Executor& pool, const Clock& clock) {
  if (domain.empty()) return nullptr;
  return std::make_unique<nfs4::DomainIds>(domain, std::make_unique<HostNames>(), pool, clock);
}

}  // namespace

NfsService::NfsService(const Options& options, const gate::Shares& shares, const rpc::ReplyCacheLimits& replies,
                       rpc::InFlightPool& in_flight, Executor& pool, const Clock& clock, Random& random, Log& log)
    : names_(names_of(options.nfs_domain, pool, clock)),
      nfs3_{shares},
      nfs4_{.shares = shares, .ids = names_ ? *names_ : nfs4::numeric_ids()},
      mount_{.shares = shares},
      replies_(replies, random),
      host_{.programs = programs_,
            .replies = replies_,
            .in_flight = in_flight,
            .pool = pool,
            .clock = clock,
            .log = log,
            .epochs = &shares.epochs()} {
  const auto wanted = [&](std::string_view version) {
    return std::ranges::find(options.nfs_versions, version) != options.nfs_versions.end();
  };
  if (wanted("3")) {
    DITTO_ASSERT(programs_.add(nfs3::program(nfs3_)));
    DITTO_ASSERT(programs_.add(mount::program(mount_)));
  }
  nfs4_.minor_versions = {.v0 = wanted("4.0"), .v1 = wanted("4.1"), .v2 = wanted("4.2")};
  if (wanted("4.0") || wanted("4.1") || wanted("4.2")) DITTO_ASSERT(programs_.add(nfs4::program(nfs4_)));
}

NfsService::~NfsService() {
  if (!records_) return;
  records_->close();
  nfs4_.shares.coordinator().persister().set_records(nullptr);
}

Outcome<void> NfsService::keep_clients(const Options& options, store::KvStore& kv, EventLoop& loop,
                                       const MemoryBudget& memory, Random& random) {
  auto identity = open_identity(kv, random);
  if (!identity) {
    return std::unexpected(
        failure_of("the server's identity in its store cannot be read or written", identity.error()));
  }
  records_ = std::make_unique<ClientRecords>(kv, host_.pool);
  auto records = records_->load();
  auto objects = records_->load_objects();
  if (!records || !objects) {
    return std::unexpected(
        failure_of("the records of clients in the store cannot be read", records ? objects.error() : records.error()));
  }
  nfs4::KeeperOptions kept{.incarnation = identity->incarnation,
                           .key = identity->key,
                           .records = *std::move(records),
                           .objects = *std::move(objects)};
  kept.server_owner = identity->owner;
  kept.hosts_grace_ns = options.locks.grace_seconds * state::one_second;
  kept.limits.lease_ns = options.lease_seconds * state::one_second;
  kept.limits.courtesy_ns = options.courtesy_seconds * state::one_second;
  kept.limits.reply_bytes = memory.session_replies_bytes;
  kept.limits.operations = options.limits.operations;
  kept.limits.slots = options.limits.slots;
  kept.limits.clients = options.limits.clients;
  kept.limits.opens_per_client = options.limits.opens_per_client;
  kept.limits.locks_per_client = options.limits.locks_per_client;
  keeper_ = std::make_unique<nfs4::Keeper>(nfs4_.shares.coordinator(), host_.clock, *records_, kept);
  gate::reserve(nfs4_.shares, kept.objects, host_.clock);
  nfs4_.lease_seconds = options.lease_seconds;
  nfs4_.max_operations = options.limits.operations;
  nfs4_.keeper = keeper_.get();
  nfs4_.sessions = keeper_.get();
  nfs4_.stateids = keeper_.get();
  callbacks_ = std::make_unique<nfs4::Callbacks>(*keeper_, locks_->outside(), locks_->dialer());
  ticker_ = std::make_unique<Ticker>(loop, *keeper_);
  return {};
}

void NfsService::drop_share(std::uint64_t share) {
  gate::Coordinator& coordinator = nfs4_.shares.coordinator();
  state::Effects effects;
  std::vector<state::FileKey> files = coordinator.files().drop_share(share, effects);
  coordinator.deliver(effects);
  if (files.empty()) return;
  std::ranges::sort(files);
  if (keeper_) keeper_->drop_files(files);
  locks_->nlm().hosts.drop_files(files);
}

Outcome<std::unique_ptr<NfsService>> NfsService::open(const Options& options, const gate::Shares& shares,
                                                      std::span<EventLoop* const> loops, const MemoryBudget& memory,
                                                      rpc::InFlightPool& in_flight, Executor& pool, const Clock& clock,
                                                      Random& random, Log& log) {
  std::unique_ptr<NfsService> service(
      new NfsService(options, shares, memory.replies, in_flight, pool, clock, random, log));
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
