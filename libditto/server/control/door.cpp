#include "server/control/door.hpp"

#include <sys/socket.h>

#include "server/control/metrics.hpp"
#include "server/control/metrics_port.hpp"

namespace ditto::server {
namespace {

constexpr std::string_view metrics_path = "/metrics";

/// What is not to be changed is asked for in another way.
std::optional<HttpAnswer> refuse_changes(const HttpRequest& request, std::string_view what) {
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  HttpAnswer refused = refusal(405, std::string(what) + " can only be read");
  refused.allow = "GET, HEAD";
  return refused;
}

}  // namespace

Outcome<void> ControlDoor::open(const std::string& directory) {
  auto file = SocketFile::listen(directory);
  if (!file) return std::unexpected(std::move(file.error()));
  file_.emplace(*std::move(file));
  socket_ = std::make_unique<HttpListener>(AF_UNIX, file_->take_listener(),
                                           [this](const HttpRequest& request) { return answer(request); });
  return {};
}

Outcome<void> ControlDoor::open_metrics(const MetricsOptions& options) {
  auto listening = listen_for_metrics(options);
  if (!listening) return std::unexpected(std::move(listening.error()));
  metrics_port_ = listening->port;
  metrics_ = std::make_unique<HttpListener>(
      listening->family, std::move(listening->socket), [this](const HttpRequest& request) {
        return request.target == metrics_path ? metrics(request) : refusal(404, "there is /metrics");
      });
  return {};
}

HttpAnswer ControlDoor::answer(const HttpRequest& request) const {
  constexpr std::string_view root = "/status";
  const std::string_view target = request.target;
  if (target == root) return status(request, {});
  if (target.starts_with(root) && target[root.size()] == '/') return status(request, target.substr(root.size() + 1));
  if (target == metrics_path) return metrics(request);
  for (const Told& told : commands_) {
    const bool meant = told.path.ends_with('/') ? target.starts_with(told.path) : target == told.path;
    if (!meant) continue;
    if (request.method == "POST") return told.command(target.substr(told.path.size()));
    HttpAnswer refused = refusal(405, "this is done by POST");
    refused.allow = "POST";
    return refused;
  }
  return refusal(404, "there is /status, /metrics, and what nfsd --help tells");
}

HttpAnswer ControlDoor::status(const HttpRequest& request, std::string_view part) const {
  if (auto refused = refuse_changes(request, "a status")) return *std::move(refused);
  auto found = status_.json(part);
  if (!found) return refusal(404, "a status has no such part: there are " + status_.parts());
  return {.status = 200, .body = *std::move(found)};
}

HttpAnswer ControlDoor::metrics(const HttpRequest& request) const {
  if (auto refused = refuse_changes(request, "metrics")) return *std::move(refused);
  return {.status = 200, .body = status_.metrics(), .type = metrics_type};
}

}  // namespace ditto::server
