#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>

#include "ditto/control.hpp"
#include "server/control/held_text.hpp"
#include "server/control/http.hpp"
#include "server/control/names.hpp"
#include "server/control/socket_file.hpp"
#include "server/control/status_text.hpp"
#include "server/failures.hpp"

namespace ditto::server {
namespace {

constexpr std::chrono::seconds patience(10);
constexpr std::size_t max_answer_bytes = std::size_t{16} << 20;

Failure silence(const std::string& directory) {
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    return {FailureCode::Timeout,
            fmt::format("the server of {} does not answer within {} seconds", directory, patience.count())};
  }
  return failure_of_errno(fmt::format("the server of {} does not answer", directory), errno);
}

Outcome<HttpAnswer> ask(const std::string& directory, const HttpRequest& request) {
  const auto connection = connect_to_socket(directory, patience);
  if (!connection) return std::unexpected(connection.error());
  const std::string sent = encode_request(request);
  // A server that has no room for more has said so, and closed, before the request came.
  const ssize_t put = ::send(connection->get(), sent.data(), sent.size(), MSG_NOSIGNAL);
  if (put != static_cast<ssize_t>(sent.size()) && errno != EPIPE) return std::unexpected(silence(directory));
  std::string received;
  for (;;) {
    std::array<char, 65536> part;
    const ssize_t got = ::recv(connection->get(), part.data(), part.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(silence(directory));
    if (got == 0) break;
    received.append(part.data(), static_cast<std::size_t>(got));
    if (received.size() > max_answer_bytes) break;
  }
  auto answer = parse_answer(received);
  if (!answer) return failure(FailureCode::Io, fmt::format("the server of {} broke off its answer", directory));
  return *std::move(answer);
}

/// What an answer that is no good says.
Failure refused(const std::string& directory, const HttpAnswer& answer) {
  const auto body = nlohmann::ordered_json::parse(answer.body, nullptr, false);
  const auto why = body.is_object() ? body.find("error") : body.end();
  if (!body.is_object() || why == body.end() || !why->is_string()) {
    return {FailureCode::Unsupported, fmt::format("the server of {} is of another version", directory)};
  }
  const FailureCode code = answer.status == 503  ? FailureCode::Busy
                           : answer.status < 500 ? FailureCode::InvalidArgument
                                                 : FailureCode::Io;
  return {code, why->get<std::string>()};
}

std::string text_of_part(const nlohmann::ordered_json& status, std::string_view part) {
  std::string text = held_text(status);
  return text.empty() ? fmt::format("no {}\n", part) : text;
}

/// Tells it to do something; what came of that.
Outcome<std::string> tell(const std::string& directory, const std::string& target) {
  const auto answer = ask(directory, {.method = "POST", .target = target});
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 200) return std::unexpected(refused(directory, *answer));
  const auto body = nlohmann::ordered_json::parse(answer->body, nullptr, false);
  return body.is_object() ? body.value("done", std::string()) : std::string();
}

}  // namespace

Outcome<std::string> revoke_held(const std::string& data_directory, std::string_view name) {
  if (!parse_held_name(name)) return failure(FailureCode::InvalidArgument, not_a_held_name(name));
  return tell(data_directory, "/revoke/" + std::string(name));
}

Outcome<std::string> reload_server(const std::string& data_directory) { return tell(data_directory, "/reload"); }

Outcome<ServerStatus> server_status(const std::string& data_directory, std::string_view part) {
  auto answer =
      ask(data_directory, {.method = "GET", .target = part.empty() ? "/status" : "/status/" + std::string(part)});
  if (!answer) return std::unexpected(std::move(answer.error()));
  const auto status = nlohmann::ordered_json::parse(answer->body, nullptr, false);
  if (answer->status != 200 && status.is_object()) return std::unexpected(refused(data_directory, *answer));
  if (answer->status != 200 || !status.is_object()) {
    return failure(FailureCode::Unsupported, fmt::format("the server of {} is of another version and has no status "
                                                         "to tell",
                                                         data_directory));
  }
  const auto attention = status.find("attention");
  return ServerStatus{.json = std::move(answer->body),
                      .text = part.empty() ? status_text(status) : text_of_part(status, part),
                      .needs_attention = attention != status.end() && !attention->empty()};
}

}  // namespace ditto::server
