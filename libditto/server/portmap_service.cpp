#include "server/portmap_service.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "base/assert.hpp"
#include "server/options/network.hpp"

namespace ditto::server {
namespace {

using rpc::portmap::Address;
using rpc::portmap::Protocol;

constexpr rpc::ReplyCacheLimits reply_limits{.entries = 256, .bytes = std::size_t{1} << 20};

/// The address that this machine would send to `peer` from, which a client that reached us by another name can use. No
/// packet is sent: a datagram socket is only told whom it would send to.
Address address_towards(const rpc::Peer& peer) {
  const bool v4 = rpc::portmap::is_v4(peer.address);
  const auto netid = v4 ? rpc::portmap::Netid::Tcp : rpc::portmap::Netid::Tcp6;
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(peer.port);
  std::memcpy(&name.sin6_addr, peer.address.data(), peer.address.size());
  const int fd = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return rpc::portmap::any_address(netid);
  const int no = 0;
  socklen_t length = sizeof name;
  const bool known = ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == 0 &&
                     ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) == 0;
  ::close(fd);
  if (!known) return rpc::portmap::any_address(netid);
  Address address;
  std::memcpy(address.data(), &name.sin6_addr, address.size());
  return address;
}

}  // namespace

PortmapService::Side::Side(rpc::portmap::Registry& registry, Protocol protocol, rpc::InFlightPool& in_flight,
                           Executor& pool, const Clock& clock, Random& random, Log& log)
    : service{.registry = registry, .reached_by = protocol, .local_address = address_towards},
      replies(reply_limits, random),
      host{.programs = programs, .replies = replies, .in_flight = in_flight, .pool = pool, .clock = clock, .log = log} {
  DITTO_ASSERT(rpc::portmap::add_programs(programs, service));
}

PortmapService::PortmapService(const std::string& listen, rpc::InFlightPool& in_flight, Executor& pool,
                               const Clock& clock, Random& random, Log& log)
    : address_(parse_ip(listen).value()),
      tcp_side_(registry_, Protocol::Tcp, in_flight, pool, clock, random, log),
      udp_side_(registry_, Protocol::Udp, in_flight, pool, clock, random, log) {}

Outcome<std::unique_ptr<PortmapService>> PortmapService::open(const Options& options, std::span<EventLoop* const> loops,
                                                              rpc::InFlightPool& in_flight, Executor& pool,
                                                              const Clock& clock, Random& random, Log& log) {
  std::unique_ptr<PortmapService> service(new PortmapService(options.listen, in_flight, pool, clock, random, log));
  auto tcp = TcpListener::open(loops.first(1), service->tcp_side_.host,
                               {.address = options.listen,
                                .port = options.portmap.port,
                                .port_setting = "portmap.port",
                                .max_connections = rpc::portmap::max_connections});
  if (!tcp) return std::unexpected(std::move(tcp.error()));
  const std::uint16_t port = (*tcp)->port();
  auto udp = UdpEndpoint::open(*loops.front(), service->udp_side_.host,
                               {.address = options.listen, .port = port, .port_setting = "portmap.port"});
  if (!udp) return std::unexpected(std::move(udp.error()));
  service->tcp_ = *std::move(tcp);
  service->udp_ = *std::move(udp);
  service->publish(service->tcp_side_.programs.all(), port);
  service->publish(service->udp_side_.programs.all(), port, Protocol::Udp);
  return service;
}

void PortmapService::publish(std::span<const rpc::Program> programs, std::uint16_t port, Protocol protocol) {
  registry_.publish(programs, protocol, {address_, port});
}

void PortmapService::close() {
  tcp_->close();
  udp_->close();
}

bool PortmapService::wait_gone(std::chrono::milliseconds timeout) {
  return tcp_->wait_gone(timeout) && udp_->wait_gone(timeout);
}

}  // namespace ditto::server
