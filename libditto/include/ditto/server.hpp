// A file server to embed in a C++ program: make it, give it shares, start it, stop it. The objects are handles; their
// methods may be called from any thread, moving and destroying them only when no other call runs. Nothing is global, so
// a process may have many servers. The C++ interface is for programs built together with Ditto; ditto.h is the one with
// a stable ABI.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ditto/failure.hpp"
#include "ditto/options.hpp"

namespace ditto::server {

/// "0.1.0"
const char* version() noexcept;

struct OpenStore;

/// Where files are kept: any number of shares. Copies are the same store, which is closed when the last one and the
/// server that uses it are gone. It belongs to one server at a time.
class Store {
 public:
  /// Opens the store in a directory, which is created when absent. Busy when another process has it open.
  static Outcome<Store> open(const std::string& directory);
  /// An empty store that ends with the process.
  static Outcome<Store> in_memory();

 private:
  friend class Server;
  explicit Store(std::shared_ptr<OpenStore> open) noexcept : open_(std::move(open)) {}
  std::shared_ptr<OpenStore> open_;
};

/// What became of shares when a configuration was read again, by their names.
struct Reloaded {
  std::vector<std::string> added, changed, removed;
  std::vector<std::string> ignored;  // settings that differ, and that only a start changes
  std::string text;                  // all of that in a sentence
};

class Server {
 public:
  /// A server as `options` describe it, which does nothing yet. start() opens options.data, unless options.shares are
  /// empty; shares of other stores can be added.
  static Outcome<Server> create(Options options);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  /// Stops without waiting for requests.
  ~Server();

  /// Serves the tree share.name of `store`, which is made when it is not there; also while the server runs.
  Outcome<void> add_share(const Store& store, const ShareOptions& share);
  /// Serves the share no longer: filehandles of it are stale, and what clients hold in it is gone. Its store, unless it
  /// is the server's first, is let go of once the last request is done. Nothing of it is lost. NotFound.
  Outcome<void> remove_share(std::string_view name);

  /// While the server runs: serves the shares of `options`, by the rules that they have there, in place of those that
  /// its own options named. On a failure nothing has changed.
  Outcome<Reloaded> reload(const Options& options);
  /// How to read the configuration anew: for reload() without options, and `nfsd --reload`. Before start(); called on
  /// any thread.
  void read_again_by(std::function<Outcome<Options>()> read);
  /// Reads it anew, and says in the log what came of that. WrongState: there is no way to.
  Outcome<Reloaded> reload();

  /// Listens, and serves on threads of its own; returns when clients can connect. Once.
  Outcome<void> start();
  /// Like start(), but the first event loop is the calling thread's; returns when another thread has called stop().
  Outcome<void> run();
  /// Takes no more connections and requests and waits until those being served are answered, `deadline` at most;
  /// Timeout when something had to be dropped. Does nothing when the server does not run.
  Outcome<void> stop(std::chrono::milliseconds deadline);

  /// Once started; 0 before.
  std::uint16_t nfs_port() const noexcept;
  /// 0 when there is no portmapper.
  std::uint16_t portmap_port() const noexcept;
  /// 0 when metrics cannot be read.
  std::uint16_t metrics_port() const noexcept;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ditto::server
