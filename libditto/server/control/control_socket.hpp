// The server's side of the control socket: takes connections, reads a request from each, and sends what `answer` makes
// of it. One thread of its own does all of it, so that an answer may take a lock or wait a moment, and no event loop
// notices. What a client can take is bounded: connections (one too many is told so), the size of a request, the time
// for it and for its answer. Whoever opens it has the lock of the data directory. Opened and destroyed by one thread at
// a time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ditto/failure.hpp"
#include "server/control/http.hpp"

namespace ditto::server {

class ControlSocket {
 public:
  /// Called on the control socket's thread, one at a time.
  using Answer = std::function<HttpAnswer(const HttpRequest& request)>;

  /// Listens and answers from now on. Throws std::system_error when the system has no thread.
  static Outcome<std::unique_ptr<ControlSocket>> open(const std::string& directory, Answer answer);
  /// Waits for an answer that is being made; removes the socket.
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

 private:
  class Impl;
  explicit ControlSocket(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ditto::server
