#include "server/control/metrics_port.hpp"

#include <sys/socket.h>

#include <asio/ip/tcp.hpp>
#include <cerrno>
#include <system_error>

#include "server/net/socket_address.hpp"

namespace ditto::server {
namespace {

constexpr int backlog = 16;

}  // namespace

Outcome<MetricsPort> listen_for_metrics(const MetricsOptions& options) {
  const auto address = parse_address(options.listen);
  if (!address) return std::unexpected(address.error());
  asio::ip::tcp::endpoint endpoint(*address, options.port);
  const auto refused = [&] {
    return std::unexpected(bind_failure(std::error_code(errno, std::system_category()), "TCP", options.listen,
                                        options.port, "metrics.port"));
  };
  const int family = address->is_v4() ? AF_INET : AF_INET6;
  store::Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return refused();
  const int yes = 1;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(socket.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) return refused();
  if (::listen(socket.get(), backlog) != 0) return refused();
  socklen_t size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(socket.get(), endpoint.data(), &size) != 0) return refused();
  return MetricsPort{.socket = std::move(socket), .family = family, .port = endpoint.port()};
}

}  // namespace ditto::server
