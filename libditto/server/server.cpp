#include "ditto/server.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "ditto/configuration.hpp"
#include "server/control/holders.hpp"
#include "server/control/revoke.hpp"
#include "server/control/sources.hpp"
#include "server/impl.hpp"
#include "server/options/network.hpp"

namespace ditto::server {
namespace {

/// After close(): calls that wait for the disk end when it answers, and nothing they use may go before.
template <class Service>
void wait_gone_for_ever(Service& service) {
  while (!service.wait_gone(std::chrono::hours(1))) {
  }
}

}  // namespace

Server::Impl::~Impl() {
  (void)stop(std::chrono::milliseconds(0));
  shares_.clear();
  own_store_.reset();
  for (const auto& store : stores_.all()) {
    stores_.remove(store);
    leaving_.push_back(store);
  }
  for (const auto& store : std::exchange(leaving_, {})) let_go(store);
}

/// The last of the server's hands on it; the one of the caller's list comes on top.
void Server::Impl::let_go(const std::shared_ptr<OpenStore>& store) {
  if (store.use_count() == 1) return;  // closes with this, and may have something to say
  store->log.attach(nullptr);
  store->claimed.store(false);
}

Outcome<void> Server::Impl::start(LoopThreads::First first) {
  const std::lock_guard lock(mutex_);
  try {
    return start_locked(first);
  } catch (const std::system_error& error) {
    return failure(FailureCode::OutOfMemory, std::string("the system gives the server no thread: ") + error.what());
  }
}

Outcome<void> Server::Impl::start_locked(LoopThreads::First first) {
  if (state_ != State::Made) return failure(FailureCode::WrongState, "a server starts once");
  if (shares_.all().empty() && options_.shares.empty()) return no_share();

  const std::size_t loops = options_.threads != 0 ? options_.threads : usable_cores();
  auto running = std::make_unique<Running>(loops, options_.pool_threads, memory_);
  auto nfs = NfsService::open(options_, shares_, running->loops.all(), memory_, running->in_flight, running->pool,
                              system_clock(), system_random(), *log_);
  if (!nfs) return std::unexpected(std::move(nfs.error()));
  running->nfs = *std::move(nfs);
  open_portmap(*running);
  open_locks(*running);
  // Behind the port: a start that fails there leaves no data directory behind.
  if (auto opened = open_own_store(); !opened) return opened;
  share_memory();
  const StoreList::All stores = stores_.all();
  if (auto kept = running->nfs->keep_clients(options_, stores.front()->store->kv, *running->loops.all().front(),
                                             memory_, system_random());
      !kept)
    return kept;
  std::vector<vfs::FileSystem*> file_systems;
  for (const auto& store : stores) {
    store->file_system->set_verify_reads(options_.verify_reads);
    file_systems.push_back(store->file_system.get());
  }
  running->maintenance = std::make_unique<Maintenance>(std::move(file_systems), system_clock(), [this] { collect(); });
  open_control(*running);
  shares_.coordinator().set_auditor(&audit_);
  running->nfs->locks().begin();
  running->loops.start(first);

  nfs_port_ = running->nfs->listener().port();
  portmap_port_ = running->portmap ? running->portmap->port() : 0;
  running_ = std::move(running);
  state_ = State::Running;
  say_ready();
  return {};
}

void Server::Impl::open_portmap(Running& running) {
  if (!options_.portmap.enabled) return;
  auto portmap = PortmapService::open(options_, running.loops.all(), running.in_flight, running.pool, system_clock(),
                                      system_random(), *log_);
  if (!portmap) {
    // Clients that are told the port do without.
    log_->warn("no portmapper: " + portmap.error().message);
    return;
  }
  (*portmap)->publish(running.nfs->programs().all(), running.nfs->listener().port());
  running.portmap = *std::move(portmap);
}

void Server::Impl::open_locks(Running& running) {
  LockService& locks = running.nfs->locks();
  const std::uint16_t tcp_port = running.nfs->listener().port();
  if (!running.portmap && !options_.locks.rpcbind) return;  // nobody would find them by UDP
  if (auto opened = locks.open_udp(tcp_port); !opened) {
    // Clients that lock by TCP do without.
    log_->warn("no locks by UDP: " + opened.error().message);
  } else if (running.portmap) {
    running.portmap->publish(locks.programs(), locks.udp_port(), rpc::portmap::Protocol::Udp);
  }
  if (options_.locks.rpcbind) locks.tell_rpcbind(running.nfs->programs().all(), tcp_port);
}

void Server::Impl::open_control(Running& running) {
  const std::string& place = (own_store_ ? own_store_ : stores_.all().front())->place;
  const bool by_socket = options_.control && place != memory_data;
  if (!by_socket && !options_.metrics.enabled) return;
  std::vector<Listening> listeners = {
      {"NFS, MOUNT, NLM, NSM", options_.listen, &running.nfs->listener(), options_.max_connections}};
  if (running.portmap) {
    listeners.push_back({"portmap", options_.listen, &running.portmap->listener(), rpc::portmap::max_connections});
  }
  auto control = std::make_unique<ControlDoor>(system_clock());
  control->add(listener_status(std::move(listeners)));
  control->add(share_status(shares_, stores_));
  control->add(store_status(stores_));
  if (const nfs4::Callbacks* callbacks = running.nfs->callbacks()) control->add(callback_status(*callbacks));
  control->add(audit_status(audit_));
  control->add(memory_status(options_.memory_budget, memory_, running.in_flight));
  const Holders holders{
      .shares = shares_, .nfs4 = running.nfs->keeper(), .locks = running.nfs->locks(), .clock = system_clock()};
  control->add(client_status(holders), "clients");
  control->add(peer_status(holders), "peers");
  control->add(holder_status(holders), "holders");
  control->add(waiter_status(holders), "waiters");
  control->add(grace_status(holders), "grace");
  control->add_command("/revoke/", [this, holders](std::string_view name) { return revoke(holders, *log_, name); });
  control->add_command("/reload", [this](std::string_view) { return reload_asked(); });
  // It serves all the same without either.
  const auto warn = [this](std::string_view what, const Failure& failure) {
    log_->warn(fmt::format("{}: {}", what, failure.message));
  };
  if (by_socket) {
    if (auto opened = control->open(place); !opened) warn("nfsd --status cannot ask this server", opened.error());
  }
  if (options_.metrics.enabled) {
    if (auto opened = control->open_metrics(options_.metrics); !opened) warn("no metrics", opened.error());
  }
  metrics_port_ = control->metrics_port();
  running.control = std::move(control);
}

void Server::Impl::say_ready() {
  std::string shares;
  for (const auto& share : shares_.all()) shares += (shares.empty() ? "/" : ", /") + share->name();
  if (metrics_port_ != 0) {
    log_->info(fmt::format("metrics on http://{}/metrics", endpoint_text(options_.metrics.listen, metrics_port_)));
  }
  if (portmap_port_ != 0) log_->info(fmt::format("portmapper on {}", endpoint_text(options_.listen, portmap_port_)));
  log_->info(fmt::format("ready: NFS on {}, serving {}", endpoint_text(options_.listen, nfs_port_), shares));
}

Outcome<void> Server::Impl::run() {
  if (auto started = start(LoopThreads::First::OnCaller); !started) return started;
  // Stays until stop() has seen run_first() return.
  LoopThreads& loops = running_->loops;
  loops.run_first();
  return {};
}

Outcome<void> Server::Impl::stop(std::chrono::milliseconds deadline) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::Running) return {};
  state_ = State::Stopped;
  stopping_ = true;
  if (running_->control) running_->control->stopping();
  TcpListener& listener = running_->nfs->listener();
  log_->info(fmt::format("stopping: {} connections", listener.connections()));
  listener.drain();
  std::size_t left = 0;
  if (!listener.wait_gone(deadline)) {
    left = listener.connections();
    listener.close();
    wait_gone_for_ever(listener);
  }
  if (running_->portmap) {
    running_->portmap->close();
    wait_gone_for_ever(*running_->portmap);
  }
  LockService& locks = running_->nfs->locks();
  locks.close();
  wait_gone_for_ever(locks);
  running_->control.reset();
  running_->maintenance.reset();
  running_->loops.stop();
  running_.reset();
  log_->info("stopped");
  if (left == 0) return {};
  return failure(FailureCode::Timeout, fmt::format("{} connections were closed before they were done", left));
}

Server::Server(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Outcome<Server> Server::create(Options options) {
  if (auto valid = validate(options); !valid) return std::unexpected(std::move(valid.error()));
  return Server(std::make_unique<Impl>(std::move(options)));
}

Outcome<void> Server::add_share(const Store& store, const ShareOptions& share) {
  return impl_->add_share(store.open_, share);
}

Outcome<void> Server::remove_share(std::string_view name) { return impl_->remove_share(name); }
Outcome<Reloaded> Server::reload(const Options& options) { return impl_->reload(options); }
Outcome<Reloaded> Server::reload() { return impl_->reload_anew(false); }
void Server::read_again_by(std::function<Outcome<Options>()> read) { impl_->read_again_by(std::move(read)); }

Outcome<void> Server::start() { return impl_->start(LoopThreads::First::OnThread); }
Outcome<void> Server::run() { return impl_->run(); }
Outcome<void> Server::stop(std::chrono::milliseconds deadline) { return impl_->stop(deadline); }
std::uint16_t Server::nfs_port() const noexcept { return impl_->nfs_port(); }
std::uint16_t Server::portmap_port() const noexcept { return impl_->portmap_port(); }
std::uint16_t Server::metrics_port() const noexcept { return impl_->metrics_port(); }

const char* version() noexcept { return DITTO_VERSION; }

}  // namespace ditto::server
