// The control door of a server that runs: what can be asked of it, its status and the same as metrics, and what it can
// be told to do, through a socket in its data directory; and the metrics alone through a port. Parts of the server add
// what they know and can before it is opened; all of that outlives it. One thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "ditto/failure.hpp"
#include "ditto/options.hpp"
#include "server/control/http_listener.hpp"
#include "server/control/socket_file.hpp"
#include "server/control/sources.hpp"
#include "server/control/status.hpp"

namespace ditto::server {

class ControlDoor {
 public:
  explicit ControlDoor(const Clock& clock) { status_.add(process_status(clock, stopping_)); }
  ControlDoor(const ControlDoor&) = delete;
  ControlDoor& operator=(const ControlDoor&) = delete;

  /// Does something, with what follows the path of the request, and says what came of it. On the control socket's
  /// thread; it may wait for the disk.
  using Command = std::function<HttpAnswer(std::string_view argument)>;

  void add(StatusSource source, std::string_view part = {}) { status_.add(std::move(source), part); }
  /// POST of `path` itself, or, when it ends with a slash, of whatever begins so.
  void add_command(std::string path, Command command) { commands_.push_back({std::move(path), std::move(command)}); }
  /// Answers from now on, in `directory`, which the caller has locked, until it is destroyed. Once; throws
  /// std::system_error when the system has no thread.
  Outcome<void> open(const std::string& directory);
  /// Answers GET of /metrics from now on. The same.
  Outcome<void> open_metrics(const MetricsOptions& options);
  /// Where, once it is open.
  std::uint16_t metrics_port() const noexcept { return metrics_port_; }
  /// The server takes no more connections.
  void stopping() noexcept { stopping_ = true; }

 private:
  HttpAnswer answer(const HttpRequest& request) const;
  HttpAnswer status(const HttpRequest& request, std::string_view part) const;
  HttpAnswer metrics(const HttpRequest& request) const;
  struct Told {
    std::string path;
    Command command;
  };

  std::atomic<bool> stopping_ = false;
  Status status_;
  std::vector<Told> commands_;
  std::uint16_t metrics_port_ = 0;
  std::optional<SocketFile> file_;
  std::unique_ptr<HttpListener> socket_, metrics_;  // last: their threads use the rest
};

}  // namespace ditto::server
