// Requests of HTTP, as they come to the metrics' port: whatever the bytes are and however they come in pieces, the same
// request is read of them once it is whole, it can be written and read again, and no client makes the server wait for
// more than a request may be long.
#include "server/control/http.hpp"

#include <algorithm>
#include <string>

#include "base/assert.hpp"
#include "fuzz/target.hpp"

using namespace ditto;
using namespace ditto::server;

namespace {

bool same(const HttpRequest& a, const HttpRequest& b) { return a.method == b.method && a.target == b.target; }

/// How many bytes it takes before something is answered; all of `text` and one more: they are not enough.
std::size_t enough_of(std::string_view text) {
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto parsed = parse_request(text.substr(0, size));
    if (!parsed || *parsed) return size;
  }
  return text.size() + 1;
}

}  // namespace

void fuzz::one(Bytes input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), std::min<std::size_t>(input.size(), 512));
  const auto parsed = parse_request(text);
  const std::size_t enough = enough_of(text);
  if (!parsed) {
    DITTO_ASSERT(parsed.error().status == 400);
    DITTO_ASSERT(!parse_request(text.substr(0, enough)));
    return;
  }
  if (!*parsed) {
    DITTO_ASSERT(enough > text.size());
    std::string long_one(text);
    long_one.resize(max_http_request_bytes, 'x');
    const auto refused = parse_request(long_one);
    DITTO_ASSERT(!refused || *refused);
    return;
  }
  const HttpRequest& request = **parsed;
  const auto first = parse_request(text.substr(0, enough));
  DITTO_ASSERT(first && *first && same(**first, request));
  DITTO_ASSERT(request.target.starts_with('/'));
  const auto plain = [](char c) { return c > ' ' && c < 0x7f; };
  DITTO_ASSERT(std::ranges::all_of(request.method + request.target, plain));
  const auto again = parse_request(encode_request(request));
  DITTO_ASSERT(again && *again && same(**again, request));
}

std::vector<std::byte> fuzz::seed(std::uint64_t number) {
  const char* const requests[] = {
      "GET /metrics HTTP/1.1\r\nHost: localhost:18080\r\nAccept: text/plain\r\n\r\n",
      "HEAD /status/clients HTTP/1.0\n\n",
      "POST /revoke/open:1.2 HTTP/1.1\r\nContent-Length: 0\r\n\r\nmore",
      "GET  /two HTTP/1.1\r\n\r\n",
      "get / HTTP/2\r\n\r\n",
  };
  const Bytes bytes = bytes_of(requests[number % std::size(requests)]);
  return {bytes.begin(), bytes.end()};
}
