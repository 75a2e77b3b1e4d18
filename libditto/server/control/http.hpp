// As much of HTTP/1.1 (RFC 9112) as it takes to be asked for a status or for metrics by any client of HTTP: one request
// without a body on a connection, one answer, and the connection is closed. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace ditto::server {

struct HttpRequest {
  std::string method;
  std::string target;  // "/status"
};

struct HttpAnswer {
  int status = 200;
  std::string body;
  std::string allow = {};  // 405: the methods that there are
  std::string_view type = "application/json";
};

/// Of a request line and its header fields.
inline constexpr std::size_t max_http_request_bytes = 8192;

/// The request that `received` begins with; nothing while its end has not come. The error is what to answer instead.
std::expected<std::optional<HttpRequest>, HttpAnswer> parse_request(std::string_view received);
/// Without the body where the method is HEAD.
std::string encode_answer(const HttpAnswer& answer, std::string_view method);

std::string encode_request(const HttpRequest& request);
/// All that came until the connection was closed; nothing when it is no whole answer.
std::optional<HttpAnswer> parse_answer(std::string_view received);

/// An answer that says what was wrong.
HttpAnswer refusal(int status, std::string_view why);
/// One that says what was done.
HttpAnswer done(std::string_view what);

}  // namespace ditto::server
