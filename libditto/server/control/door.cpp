#include "server/control/door.hpp"

namespace ditto::server {

Outcome<void> ControlDoor::open(const std::string& directory) {
  auto socket = ControlSocket::open(directory, [this](const HttpRequest& request) { return answer(request); });
  if (!socket) return std::unexpected(std::move(socket.error()));
  socket_ = *std::move(socket);
  return {};
}

HttpAnswer ControlDoor::answer(const HttpRequest& request) const {
  constexpr std::string_view root = "/status";
  const std::string_view target = request.target;
  if (target == root) return status(request, {});
  if (target.starts_with(root) && target[root.size()] == '/') return status(request, target.substr(root.size() + 1));
  for (const Told& told : commands_) {
    const bool meant = told.path.ends_with('/') ? target.starts_with(told.path) : target == told.path;
    if (!meant) continue;
    if (request.method == "POST") return told.command(target.substr(told.path.size()));
    HttpAnswer refused = refusal(405, "this is done by POST");
    refused.allow = "POST";
    return refused;
  }
  return refusal(404, "there is /status, and what nfsd --help tells");
}

HttpAnswer ControlDoor::status(const HttpRequest& request, std::string_view part) const {
  if (request.method != "GET" && request.method != "HEAD") {
    HttpAnswer refused = refusal(405, "a status can only be read");
    refused.allow = "GET, HEAD";
    return refused;
  }
  auto found = status_.json(part);
  if (!found) return refusal(404, "a status has no such part: there are " + status_.parts());
  return {.status = 200, .body = *std::move(found)};
}

}  // namespace ditto::server
