// What tests of handlers stand on: DittoFs over stores in memory, or over those that a test brings, shares, a manual
// clock, and one caller whose calls run to their end on executors that the test turns by hand. Short words for what
// these tests do again and again. One thread.
#pragma once

#include <catch2/catch.hpp>
#include <condition_variable>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "gate/share.hpp"
#include "nfs/mount/procedures.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v3/procedures.hpp"
#include "rpc/call.hpp"
#include "rpc/program.hpp"
#include "store/store.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::test {

using nfs3::nfs_fh3;
using nfs3::nfsstat3;

/// Runs what was posted, by whatever thread, when it is told to.
class HandExecutor final : public Executor {
 public:
  void post(Job& job) override;
  /// Runs all that is there, and says how many that were; no more than `most`, which counts them down.
  int run();
  std::optional<int> most;
  /// Until something is there, which other threads have yet to post. False: nothing came for too long.
  bool wait();
  int total() const noexcept { return total_; }

 private:
  Job* take();

  std::mutex mutex_;  // guards the list
  std::condition_variable posted_;
  Job* head_ = nullptr;
  Job* tail_ = nullptr;
  int total_ = 0;
};

rpc::Peer peer_of(std::initializer_list<std::uint8_t> ipv4);

class World {
  std::vector<std::unique_ptr<store::Store>> other_stores_;  // outlive the shares

 public:
  World();
  /// Over a file system that is open already; restart() is not for it.
  World(std::unique_ptr<store::Store> over, std::shared_ptr<vfs::DittoFs> opened, const gate::ShareRules& rules);

  ManualClock clock;
  SeededRandom random{7};
  std::unique_ptr<store::Store> stores;
  std::shared_ptr<vfs::DittoFs> fs;
  gate::Shares shares;
  nfs3::Service service{shares};
  mount::Service mounts{shares};
  HandExecutor loop, pool;

  // Whoever makes the next call.
  rpc::AuthFlavor flavor = rpc::AuthFlavor::Sys;
  rpc::Caller caller{.uid = 0, .gid = 0};
  rpc::Peer peer = peer_of({127, 0, 0, 1});
  std::uint32_t version = 0;
  /// What the last answer rested on.
  CommitTokens rests_on;

  static constexpr std::uint64_t export_id = 11;

  /// The next calls are made by `uid`, with `gid` as group and more groups.
  void become(std::uint32_t uid, std::uint32_t gid, std::initializer_list<std::uint32_t> groups = {});
  /// A second share of the same tree.
  const gate::Share& add_share(std::uint64_t id, std::string name, gate::ShareRules rules,
                               vfs::NodeId root = vfs::NodeId{0, 0});
  /// A share of a tree with stores of its own.
  const gate::Share& add_other_store(std::uint64_t id, std::string name,
                                     std::unique_ptr<store::Store> over = store::memory_store());
  /// The file system is closed and opened again over the same stores; shares but "export" are gone.
  void restart();

  const gate::Share& share(std::string_view name = "export") const;
  nfs_fh3 root(std::string_view name = "export") const;
  /// `handle` as another share names the same node.
  nfs_fh3 through(std::string_view share_name, const nfs_fh3& handle) const;

  /// The result of a handler, run to its end.
  template <class Res, class Service, class Args>
  Res call(Task<Res> (*handler)(Service&, rpc::Call&, const Args&), const Args& args) {
    return run<Res>([&](rpc::Call& made) { return handler(service_of<Service>(), made, args); });
  }
  template <class Res, class Service>
  Res call(Task<Res> (*handler)(Service&, rpc::Call&)) {
    return run<Res>([&](rpc::Call& made) { return handler(service_of<Service>(), made); });
  }

  /// Of a program that only some tests have.
  template <class Res, class Service, class Args>
  Res call_on(Service& program, Task<Res> (*handler)(Service&, rpc::Call&, const Args&),
              const std::type_identity_t<Args>& args) {
    return run<Res>([&](rpc::Call& made) { return handler(program, made, args); });
  }
  template <class Res, class Service>
  Res call_on(Service& program, Task<Res> (*handler)(Service&, rpc::Call&)) {
    return run<Res>([&](rpc::Call& made) { return handler(program, made); });
  }
  /// As call(), of what may have to wait: `result` is there once it has ended, and outlives that as `args` does.
  template <class Res, class Service, class Args>
  void start(Task<Res> (*handler)(Service&, rpc::Call&, const Args&), const Args& args, std::optional<Res>& result) {
    started_.push_back(std::make_unique<rpc::Call>(make_call()));
    drive(handler(service_of<Service>(), *started_.back(), args), result);
    turn();
  }
  /// By the row of a table, from bytes to bytes.
  rpc::accept_stat invoke(const rpc::Program& program, std::uint32_t procedure, const BufferChain& arguments,
                          BufferChain& results);
  /// Runs what was posted until nothing is left.
  void turn();

  // Made by whoever calls now; they require success.
  nfs_fh3 make_file(const nfs_fh3& directory, std::string_view name, std::uint32_t mode = 0644,
                    std::string_view contents = "");
  nfs_fh3 make_directory(const nfs_fh3& directory, std::string_view name, std::uint32_t mode = 0755);
  nfs_fh3 make_symlink(const nfs_fh3& directory, std::string_view name, std::string_view target);
  nfs3::fattr3 attributes(const nfs_fh3& handle);
  std::string contents(const nfs_fh3& handle);
  void remove(const nfs_fh3& directory, std::string_view name);
  /// The status of looking `name` up.
  nfsstat3 look(const nfs_fh3& directory, std::string_view name);

 private:
  std::vector<std::unique_ptr<rpc::Call>> started_;
  void open();
  template <class Service>
  Service& service_of() {
    if constexpr (std::is_same_v<Service, nfs3::Service>) {
      return service;
    } else {
      return mounts;
    }
  }
  rpc::Call make_call();

  template <class Res, class Start>
  Res run(Start start) {
    rpc::Call made = make_call();
    bool done = false;
    if constexpr (std::is_void_v<Res>) {
      drive_void(start(made), done);
      turn();
      REQUIRE(done);
      rests_on = made.rests_on;
    } else {
      std::optional<Res> result;
      drive(start(made), result);
      turn();
      REQUIRE(result.has_value());
      rests_on = made.rests_on;
      return std::move(*result);
    }
  }
  template <class Res>
  static Detached drive(Task<Res> task, std::optional<Res>& result) {
    result = co_await task;
  }
  static Detached drive_void(Task<void> task, bool& done) {
    co_await task;
    done = true;
  }
};

/// Names that no directory may hold, and the status that each is refused with.
struct BadName {
  std::string name;
  nfsstat3 status;
};
std::vector<BadName> bad_names();
/// Filehandles that name nothing, and the status that each is refused with.
struct BadHandle {
  std::string why;
  nfs_fh3 handle;
  nfsstat3 status;
};
/// `world` gets a file and removes it.
std::vector<BadHandle> bad_handles(World& world);

/// `status_for` gives the status of a call with a filehandle; each bad one gets its own.
template <class F>
void check_bad_handles(World& world, F status_for) {
  for (const BadHandle& bad : bad_handles(world)) {
    INFO(bad.why);
    CHECK(status_for(bad.handle) == bad.status);
  }
}
/// `status_for` gives the status of a call with a name.
template <class F>
void check_bad_names(F status_for) {
  for (const BadName& bad : bad_names()) {
    INFO("a name of " << bad.name.size() << " bytes: " << bad.name.substr(0, 20));
    CHECK(status_for(bad.name) == bad.status);
  }
}

nfs3::filename3 name3(std::string_view name);
nfs3::diropargs3 at(const nfs_fh3& directory, std::string_view name);
bool same(const nfs_fh3& a, const nfs_fh3& b);
std::string text_of(const BufferChain& chain);
BufferChain chain_of(std::string_view text);

}  // namespace ditto::test

namespace ditto::nfs3 {
inline std::ostream& operator<<(std::ostream& out, nfsstat3 status) {
  return out << static_cast<std::uint32_t>(status);
}
inline std::ostream& operator<<(std::ostream& out, ftype3 type) { return out << static_cast<std::uint32_t>(type); }
inline std::ostream& operator<<(std::ostream& out, const nfstime3& time) {
  return out << time.seconds << "." << time.nseconds;
}
}  // namespace ditto::nfs3
namespace ditto::mount {
inline std::ostream& operator<<(std::ostream& out, mountstat3 status) {
  return out << static_cast<std::uint32_t>(status);
}
}  // namespace ditto::mount
