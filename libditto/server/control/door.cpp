#include "server/control/door.hpp"

namespace ditto::server {

Outcome<void> ControlDoor::open(const std::string& directory) {
  auto socket = ControlSocket::open(directory, [this](const HttpRequest& request) { return answer(request); });
  if (!socket) return std::unexpected(std::move(socket.error()));
  socket_ = *std::move(socket);
  return {};
}

HttpAnswer ControlDoor::answer(const HttpRequest& request) const {
  if (request.target != "/status") return refusal(404, "there is /status, and nothing else");
  if (request.method != "GET" && request.method != "HEAD") return refusal(405, "a status can only be read");
  return {.status = 200, .body = status_.json()};
}

}  // namespace ditto::server
