// The control door of a server that runs: what can be asked through its control socket, today its status. Parts of the
// server add what they know before it is opened; all of that outlives it. One thread at a time.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "ditto/failure.hpp"
#include "server/control/control_socket.hpp"
#include "server/control/sources.hpp"
#include "server/control/status.hpp"

namespace ditto::server {

class ControlDoor {
 public:
  explicit ControlDoor(const Clock& clock) { status_.add(process_status(clock, stopping_)); }
  ControlDoor(const ControlDoor&) = delete;
  ControlDoor& operator=(const ControlDoor&) = delete;

  void add(StatusSource source) { status_.add(std::move(source)); }
  /// Answers from now on, in `directory`, which the caller has locked, until it is destroyed. Once; throws
  /// std::system_error when the system has no thread.
  Outcome<void> open(const std::string& directory);
  /// The server takes no more connections.
  void stopping() noexcept { stopping_ = true; }

 private:
  HttpAnswer answer(const HttpRequest& request) const;

  std::atomic<bool> stopping_ = false;
  Status status_;
  std::unique_ptr<ControlSocket> socket_;  // last: its thread uses the rest
};

}  // namespace ditto::server
