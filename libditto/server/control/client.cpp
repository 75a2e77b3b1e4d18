#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>

#include "ditto/control.hpp"
#include "server/control/http.hpp"
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
  if (::send(connection->get(), sent.data(), sent.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(sent.size())) {
    return std::unexpected(silence(directory));
  }
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

}  // namespace

Outcome<ServerStatus> server_status(const std::string& data_directory) {
  auto answer = ask(data_directory, {.method = "GET", .target = "/status"});
  if (!answer) return std::unexpected(std::move(answer.error()));
  const auto status = nlohmann::ordered_json::parse(answer->body, nullptr, false);
  if (answer->status != 200 || !status.is_object()) {
    return failure(FailureCode::Unsupported, fmt::format("the server of {} is of another version and has no status "
                                                         "to tell",
                                                         data_directory));
  }
  const auto attention = status.find("attention");
  return ServerStatus{.json = std::move(answer->body),
                      .text = status_text(status),
                      .needs_attention = attention != status.end() && !attention->empty()};
}

}  // namespace ditto::server
