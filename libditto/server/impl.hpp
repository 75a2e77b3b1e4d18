// What a Server is inside: what it was told, the stores and shares that it has, and, while it runs, everything that
// serves them. Two sources: server.cpp begins and ends it, serve_shares.cpp is about its shares. Any thread, as
// ditto/server.hpp says.
#pragma once

#include <atomic>
#include <mutex>

#include "base/chunk_depot.hpp"
#include "base/clock.hpp"
#include "base/pool.hpp"
#include "base/random.hpp"
#include "ditto/server.hpp"
#include "rpc/in_flight.hpp"
#include "server/audit_log.hpp"
#include "server/control/door.hpp"
#include "server/loop_threads.hpp"
#include "server/maintenance.hpp"
#include "server/memory_budget.hpp"
#include "server/nfs_service.hpp"
#include "server/portmap_service.hpp"
#include "server/shares/changes.hpp"
#include "server/store_list.hpp"

namespace ditto::server {

/// Everything that exists while a server runs, in the order in which it is made.
struct Running {
  Running(std::size_t loop_count, std::size_t pool_threads, const MemoryBudget& memory)
      : freed_chunks(memory.depot_bytes), in_flight(memory.in_flight_bytes), loops(loop_count), pool(pool_threads) {}

  DepotLoan freed_chunks;
  rpc::InFlightPool in_flight;
  LoopThreads loops;
  BlockingPool pool;  // goes before the loops: its last jobs post to them
  std::unique_ptr<NfsService> nfs;
  std::unique_ptr<PortmapService> portmap;   // may be absent
  std::unique_ptr<Maintenance> maintenance;  // calls the server, which has the rest
  std::unique_ptr<ControlDoor> control;      // may be absent; goes first: it looks at the rest
};

class Server::Impl {
 public:
  explicit Impl(Options options) : options_(std::move(options)), log_(make_log(options_.log)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  Outcome<void> add_share(const std::shared_ptr<OpenStore>& store, const ShareOptions& options);
  Outcome<void> remove_share(std::string_view name);
  Outcome<Reloaded> reload(const Options& fresh);
  Outcome<Reloaded> reload_anew(bool by_control);
  void read_again_by(std::function<Outcome<Options>()> read) { read_again_ = std::move(read); }
  Outcome<void> start(LoopThreads::First first);
  Outcome<void> run();
  Outcome<void> stop(std::chrono::milliseconds deadline);
  std::uint16_t nfs_port() const noexcept { return nfs_port_; }
  std::uint16_t portmap_port() const noexcept { return portmap_port_; }
  std::uint16_t metrics_port() const noexcept { return metrics_port_; }

 private:
  enum class State : std::uint8_t { Made, Running, Stopped };

  Outcome<void> open_own_store();
  void share_memory();
  Outcome<void> add_share_locked(const std::shared_ptr<OpenStore>& store, const ShareOptions& options);
  Outcome<void> claim(const std::shared_ptr<OpenStore>& store);
  void come(OpenStore& store);
  void let_go(const std::shared_ptr<OpenStore>& store);
  Outcome<Reloaded> reload_locked(const Options& fresh);
  Outcome<gate::Shares::List> shares_of(const Options& fresh, const ShareChanges& changes);
  void collect();
  HttpAnswer reload_asked();
  Outcome<void> start_locked(LoopThreads::First first);
  void open_portmap(Running& running);
  void open_locks(Running& running);
  void open_control(Running& running);
  void say_ready();

  const Options options_;
  const MemoryBudget memory_ = divide(options_.memory_budget);
  const std::shared_ptr<ditto::Log> log_;
  AuditLog audit_{*log_};
  std::atomic<std::uint16_t> nfs_port_{0};      // written once, by start()
  std::atomic<std::uint16_t> portmap_port_{0};  //
  std::atomic<std::uint16_t> metrics_port_{0};  //

  std::atomic<bool> stopping_{false};
  std::timed_mutex mutex_;  // guards everything below; held while the server starts and stops
  State state_ = State::Made;
  StoreList stores_;
  StoreList::All leaving_;  // whose last share is gone, and whose last request perhaps not
  gate::Shares shares_;
  std::shared_ptr<OpenStore> own_store_;                // in options_.data
  std::vector<ShareOptions> wanted_ = options_.shares;  // the shares in it
  std::size_t own_shares_ = 0;                          // of those, that are in shares_
  std::function<Outcome<Options>()> read_again_;        // constant once it runs
  std::unique_ptr<Running> running_;
};

/// Of a server without any share.
std::unexpected<Failure> no_share();

}  // namespace ditto::server
