#include "ditto/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/chunk_depot.hpp"
#include "base/clock.hpp"
#include "base/pool.hpp"
#include "base/random.hpp"
#include "ditto/configuration.hpp"
#include "rpc/in_flight.hpp"
#include "server/control/door.hpp"
#include "server/loop_threads.hpp"
#include "server/maintenance.hpp"
#include "server/memory_budget.hpp"
#include "server/nfs_service.hpp"
#include "server/open_store.hpp"
#include "server/options/names.hpp"
#include "server/options/network.hpp"
#include "server/portmap_service.hpp"
#include "server/shares/open_share.hpp"

namespace ditto::server {
namespace {

/// Everything that exists while a server runs, in the order in which it is made.
struct Running {
  Running(std::size_t loop_count, std::size_t pool_threads, const MemoryBudget& memory)
      : freed_chunks(memory.depot_bytes), in_flight(memory.in_flight_bytes), loops(loop_count), pool(pool_threads) {}

  DepotLoan freed_chunks;
  rpc::InFlightPool in_flight;
  LoopThreads loops;
  BlockingPool pool;  // goes before the loops: its last jobs post to them
  std::unique_ptr<NfsService> nfs;
  std::unique_ptr<PortmapService> portmap;  // may be absent
  std::unique_ptr<Maintenance> maintenance;
  std::unique_ptr<ControlDoor> control;  // may be absent; goes first: it looks at the rest
};

/// After close(): calls that wait for the disk end when it answers, and nothing they use may go before.
template <class Service>
void wait_gone_for_ever(Service& service) {
  while (!service.wait_gone(std::chrono::hours(1))) {
  }
}

std::unexpected<Failure> exists_already(std::string_view name) {
  return failure(FailureCode::Exists, fmt::format("there is a share \"{}\" already", name));
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(Options options) : options_(std::move(options)), log_(make_log(options_.log)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  Outcome<void> add_share(const std::shared_ptr<OpenStore>& store, const ShareOptions& options);
  Outcome<void> start(LoopThreads::First first);
  Outcome<void> run();
  Outcome<void> stop(std::chrono::milliseconds deadline);
  std::uint16_t nfs_port() const noexcept { return nfs_port_; }
  std::uint16_t portmap_port() const noexcept { return portmap_port_; }

 private:
  enum class State : std::uint8_t { Made, Running, Stopped };

  Outcome<void> open_own_store();
  void share_memory(const MemoryBudget& memory);
  Outcome<void> add_share_locked(const std::shared_ptr<OpenStore>& store, const ShareOptions& options);
  Outcome<void> claim(const std::shared_ptr<OpenStore>& store);
  Outcome<void> start_locked(LoopThreads::First first);
  void open_portmap(Running& running);
  void open_locks(Running& running);
  void open_control(Running& running, const MemoryBudget& memory);
  void say_ready();

  const Options options_;
  const std::shared_ptr<ditto::Log> log_;
  std::atomic<std::uint16_t> nfs_port_{0};      // written once, by start()
  std::atomic<std::uint16_t> portmap_port_{0};  //

  std::mutex mutex_;  // guards everything below; held while the server starts and stops
  State state_ = State::Made;
  std::vector<std::shared_ptr<OpenStore>> stores_;
  gate::Shares shares_;
  std::shared_ptr<OpenStore> own_store_;  // in options_.data
  std::size_t own_shares_ = 0;            // of options_.shares, that are in shares_
  std::unique_ptr<Running> running_;
};

Server::Impl::~Impl() {
  (void)stop(std::chrono::milliseconds(0));
  shares_.clear();
  own_store_.reset();
  for (const auto& store : stores_) {
    if (store.use_count() == 1) continue;  // closes here, and may have something to say
    store->log.attach(nullptr);
    store->claimed.store(false);
  }
}

Outcome<void> Server::Impl::open_own_store() {
  if (options_.shares.empty()) return {};
  if (!own_store_) {
    auto store = options_.data == memory_data ? open_memory_store(log_) : open_store(options_.data, log_);
    if (!store) return std::unexpected(std::move(store.error()));
    own_store_ = *std::move(store);
  }
  for (; own_shares_ < options_.shares.size(); ++own_shares_) {
    if (auto added = add_share_locked(own_store_, options_.shares[own_shares_]); !added) return added;
  }
  return {};
}

Outcome<void> Server::Impl::claim(const std::shared_ptr<OpenStore>& store) {
  if (std::ranges::find(stores_, store) != stores_.end()) return {};
  if (store->claimed.exchange(true)) return failure(FailureCode::Busy, "the store belongs to another server");
  store->log.attach(log_);
  store->flush_interval = std::chrono::milliseconds::max();  // what an earlier server's shares asked for
  stores_.push_back(store);
  return {};
}

Outcome<void> Server::Impl::add_share(const std::shared_ptr<OpenStore>& store, const ShareOptions& options) {
  if (auto valid = validate(options); !valid) return valid;
  const std::lock_guard lock(mutex_);
  if (state_ != State::Made) return failure(FailureCode::WrongState, "shares are added before the server starts");
  for (const ShareOptions& own : options_.shares) {
    if (same_share_name(own.name, options.name)) return exists_already(own.name);
  }
  return add_share_locked(store, options);
}

Outcome<void> Server::Impl::add_share_locked(const std::shared_ptr<OpenStore>& store, const ShareOptions& options) {
  for (const auto& share : shares_.all()) {
    if (same_share_name(share->name(), options.name)) return exists_already(share->name());
  }
  if (auto claimed = claim(store); !claimed) return claimed;
  // The share keeps the whole store open, not just the file system in it.
  const std::shared_ptr<vfs::FileSystem> file_system(store, store->file_system.get());
  auto share = open_share(file_system, store->store->kv, options, system_clock(), system_random());
  if (!share) return std::unexpected(std::move(share.error()));
  if (!shares_.add(*std::move(share))) {
    return failure(FailureCode::Exists, fmt::format("the share \"{}\" has the id of another one", options.name));
  }
  store->flush_within(std::chrono::milliseconds(options.flush_interval));
  return {};
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
  if (shares_.all().empty() && options_.shares.empty()) {
    return failure(FailureCode::WrongState, "the server has no share to serve");
  }

  const std::size_t loops = options_.threads != 0 ? options_.threads : usable_cores();
  const MemoryBudget memory = divide(options_.memory_budget);
  auto running = std::make_unique<Running>(loops, options_.pool_threads, memory);
  auto nfs = NfsService::open(options_, shares_, running->loops.all(), memory, running->in_flight, running->pool,
                              system_clock(), system_random(), *log_);
  if (!nfs) return std::unexpected(std::move(nfs.error()));
  running->nfs = *std::move(nfs);
  open_portmap(*running);
  open_locks(*running);
  // Behind the port: a start that fails there leaves no data directory behind.
  if (auto opened = open_own_store(); !opened) return opened;
  share_memory(memory);
  if (auto kept = running->nfs->keep_clients(options_, stores_.front()->store->kv, *running->loops.all().front(),
                                             memory, system_random());
      !kept)
    return kept;
  std::vector<vfs::FileSystem*> file_systems;
  for (const auto& store : stores_) {
    store->file_system->set_verify_reads(options_.verify_reads);
    file_systems.push_back(store->file_system.get());
  }
  running->maintenance = std::make_unique<Maintenance>(std::move(file_systems), system_clock());
  open_control(*running, memory);
  running->nfs->locks().begin();
  running->loops.start(first);

  nfs_port_ = running->nfs->listener().port();
  portmap_port_ = running->portmap ? running->portmap->port() : 0;
  running_ = std::move(running);
  state_ = State::Running;
  say_ready();
  return {};
}

void Server::Impl::share_memory(const MemoryBudget& memory) {
  const StoreMemory each = memory.for_each_of(stores_.size());
  for (const auto& store : stores_) {
    store->store->set_memory_bytes(each.changes_bytes);
    store->file_system->set_nodes_in_memory(each.nodes_in_memory);
  }
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

void Server::Impl::open_control(Running& running, const MemoryBudget& memory) {
  if (!options_.control || !own_store_ || options_.data == memory_data) return;
  std::vector<const OpenStore*> stores;
  for (const auto& store : stores_) stores.push_back(store.get());
  std::vector<Listening> listeners = {
      {"NFS, MOUNT, NLM, NSM", options_.listen, &running.nfs->listener(), options_.max_connections}};
  if (running.portmap) {
    listeners.push_back({"portmap", options_.listen, &running.portmap->listener(), rpc::portmap::max_connections});
  }
  auto control = std::make_unique<ControlDoor>(system_clock());
  control->add(listener_status(std::move(listeners)));
  control->add(share_status(shares_, stores));
  control->add(store_status(std::move(stores)));
  if (const nfs4::Callbacks* callbacks = running.nfs->callbacks()) control->add(callback_status(*callbacks));
  control->add(memory_status(options_.memory_budget, memory, running.in_flight));
  if (auto opened = control->open(options_.data); !opened) {
    // It serves all the same.
    log_->warn("nfsd --status cannot ask this server: " + opened.error().message);
    return;
  }
  running.control = std::move(control);
}

void Server::Impl::say_ready() {
  std::string shares;
  for (const auto& share : shares_.all()) shares += (shares.empty() ? "/" : ", /") + share->name();
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

Outcome<void> Server::start() { return impl_->start(LoopThreads::First::OnThread); }
Outcome<void> Server::run() { return impl_->run(); }
Outcome<void> Server::stop(std::chrono::milliseconds deadline) { return impl_->stop(deadline); }
std::uint16_t Server::nfs_port() const noexcept { return impl_->nfs_port(); }
std::uint16_t Server::portmap_port() const noexcept { return impl_->portmap_port(); }

const char* version() noexcept { return DITTO_VERSION; }

}  // namespace ditto::server
