#include "server/control/http.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace ditto::server {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 422: return "Unprocessable Content";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
  }
}

/// Where the header ends, its empty line included; RFC 9112, 2.2: a lone LF ends a line, too.
std::size_t end_of_header(std::string_view text) {
  const std::size_t strict = text.find("\r\n\r\n"), lone = text.find("\n\n");
  const std::size_t strict_end = strict == text.npos ? text.npos : strict + 4;
  const std::size_t lone_end = lone == text.npos ? text.npos : lone + 2;
  return std::min(strict_end, lone_end);
}

/// RFC 9110, 5.6.2: a token, of letters as all methods that there are.
bool is_method(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// Whatever bytes there are in `text`.
std::string one_member(const char* name, std::string_view text) {
  return nlohmann::json{{name, text}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

bool is_target(std::string_view word) {
  return word.starts_with('/') && std::ranges::all_of(word, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::expected<std::optional<HttpRequest>, HttpAnswer> parse_request(std::string_view received) {
  if (end_of_header(received) == received.npos) {
    if (received.size() < max_http_request_bytes) return std::nullopt;
    return std::unexpected(refusal(431, "the request is too long"));
  }
  std::string_view line = received.substr(0, received.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t first = line.find(' '), second = line.rfind(' ');
  if (first == line.npos || first == second || !line.substr(second + 1).starts_with("HTTP/1.")) {
    return std::unexpected(refusal(400, "this is no request of HTTP/1.1"));
  }
  const std::string_view method = line.substr(0, first), target = line.substr(first + 1, second - first - 1);
  if (!is_method(method) || !is_target(target)) return std::unexpected(refusal(400, "this is no request of HTTP/1.1"));
  return HttpRequest{.method = std::string(method), .target = std::string(target)};
}

std::string encode_answer(const HttpAnswer& answer, std::string_view method) {
  return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}Connection: close\r\n\r\n{}",
                     answer.status, reason_of(answer.status), answer.type, answer.body.size(),
                     answer.allow.empty() ? "" : "Allow: " + answer.allow + "\r\n",  // RFC 9110, 15.5.6
                     method == "HEAD" ? std::string_view() : std::string_view(answer.body));
}

std::string encode_request(const HttpRequest& request) {
  // RFC 9110, 8.6: a POST says that it has no body.
  return fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}Connection: close\r\n\r\n", request.method, request.target,
                     request.method == "POST" ? "Content-Length: 0\r\n" : "");
}

std::optional<HttpAnswer> parse_answer(std::string_view received) {
  constexpr std::string_view start = "HTTP/1.1 ", length_field = "\r\nContent-Length: ";
  const std::size_t header_end = end_of_header(received);
  if (!received.starts_with(start) || header_end == received.npos) return std::nullopt;
  const std::string_view header = received.substr(0, header_end), body = received.substr(header_end);
  HttpAnswer answer{.status = 0, .body = std::string(body)};
  std::from_chars(header.data() + start.size(), header.data() + header.size(), answer.status);
  const std::size_t at = header.find(length_field);
  std::size_t length = 0;
  if (at == header.npos ||
      std::from_chars(header.data() + at + length_field.size(), header.data() + header.size(), length).ec !=
          std::errc()) {
    return std::nullopt;
  }
  if (body.size() != length) return std::nullopt;
  return answer;
}

HttpAnswer refusal(int status, std::string_view why) { return {.status = status, .body = one_member("error", why)}; }

HttpAnswer done(std::string_view what) { return {.status = 200, .body = one_member("done", what)}; }

}  // namespace ditto::server
