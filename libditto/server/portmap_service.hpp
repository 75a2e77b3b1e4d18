// The portmapper: portmap and rpcbind on one port by TCP and by UDP, which tells where the server's other programs are.
// Opened and closed by one thread at a time; the loops and the pools outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "ditto/failure.hpp"
#include "ditto/options.hpp"
#include "rpc/answer.hpp"
#include "rpc/in_flight.hpp"
#include "rpc/portmap/registry.hpp"
#include "rpc/portmap/service.hpp"
#include "rpc/program.hpp"
#include "rpc/reply_cache.hpp"
#include "server/net/tcp_listener.hpp"
#include "server/net/udp_endpoint.hpp"

namespace ditto::server {

class PortmapService {
 public:
  static Outcome<std::unique_ptr<PortmapService>> open(const Options& options, std::span<EventLoop* const> loops,
                                                       rpc::InFlightPool& in_flight, Executor& pool, const Clock& clock,
                                                       Random& random, Log& log);
  PortmapService(const PortmapService&) = delete;
  PortmapService& operator=(const PortmapService&) = delete;

  /// Tells clients from now on that `programs` are on a port of the address that the server listens on.
  void publish(std::span<const rpc::Program> programs, std::uint16_t port,
               rpc::portmap::Protocol protocol = rpc::portmap::Protocol::Tcp);
  std::uint16_t port() const noexcept { return tcp_->port(); }
  const TcpListener& listener() const noexcept { return *tcp_; }

  /// Takes no more calls. The loops still run.
  void close();
  bool wait_gone(std::chrono::milliseconds timeout);

 private:
  /// What one transport has of its own: the answer to a call depends on how it came.
  struct Side {
    Side(rpc::portmap::Registry& registry, rpc::portmap::Protocol protocol, rpc::InFlightPool& in_flight,
         Executor& pool, const Clock& clock, Random& random, Log& log);
    rpc::portmap::Service service;
    rpc::Programs programs;
    rpc::ReplyCache replies;
    rpc::Host host;
  };

  PortmapService(const std::string& listen, rpc::InFlightPool& in_flight, Executor& pool, const Clock& clock,
                 Random& random, Log& log);

  const rpc::portmap::Address address_;
  rpc::portmap::Registry registry_;
  Side tcp_side_, udp_side_;
  std::unique_ptr<TcpListener> tcp_;
  std::unique_ptr<UdpEndpoint> udp_;
};

}  // namespace ditto::server
