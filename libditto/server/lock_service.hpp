// The lock manager and the status monitor of a server: what they call others by, what of them outlives a restart, whom
// grace awaits after one, and their UDP port. Their programs are served by TCP beside NFS. Opened and closed by one
// thread at a time; the loops, the pools and the shares outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "ditto/failure.hpp"
#include "ditto/options.hpp"
#include "gate/share.hpp"
#include "nfs/common/outside.hpp"
#include "nfs/nlm/service.hpp"
#include "nfs/nsm/monitored.hpp"
#include "nfs/nsm/service.hpp"
#include "rpc/answer.hpp"
#include "rpc/in_flight.hpp"
#include "rpc/program.hpp"
#include "rpc/reply_cache.hpp"
#include "server/net/dialer.hpp"
#include "server/net/event_loop.hpp"
#include "server/net/udp_endpoint.hpp"
#include "server/rpcbind.hpp"

namespace ditto::server {

class LockService {
 public:
  /// What calls others lives on `loop`.
  LockService(const Options& options, const gate::Shares& shares, EventLoop& loop, rpc::InFlightPool& in_flight,
              Executor& pool, const Clock& clock, Random& random, Log& log);
  LockService(const LockService&) = delete;
  LockService& operator=(const LockService&) = delete;

  /// What it calls others by; whoever else uses it has no errand any more once wait_gone() has returned true.
  nfs::Outside& outside() noexcept { return outside_; }
  rpc::Dialer& dialer() noexcept { return dialer_; }

  /// Its programs, for the listener of NFS.
  void add_to(rpc::Programs& programs);
  std::span<const rpc::Program> programs() const noexcept { return programs_.all(); }

  /// Serves by UDP, too; `tcp_port` is where NFS is.
  Outcome<void> open_udp(std::uint16_t tcp_port);
  /// 0: it does not serve by UDP.
  std::uint16_t udp_port() const noexcept { return udp_ ? udp_->port() : 0; }
  /// This machine's own portmapper is told of `tcp_programs` at `tcp_port`, and of what is here by UDP.
  void tell_rpcbind(std::span<const rpc::Program> tcp_programs, std::uint16_t tcp_port);
  /// The stores are open, and the loops about to run: hosts that held locks before are told, and get them back first.
  void begin();

  // For an administrator.
  nlm::Service& nlm() noexcept { return nlm_; }
  const nsm::Monitored& monitored() const noexcept { return monitored_; }

  /// Takes no more calls by UDP; those by TCP have ended. The loops still run.
  void close();
  /// Ends the calls to others as well.
  bool wait_gone(std::chrono::milliseconds timeout);

 private:
  void await_hosts(std::span<const std::string> names);

  const LockOptions options_;
  const std::string listen_;
  EventLoop& loop_;
  const Clock& clock_;
  Log& log_;

  SocketDialer dialer_;
  nfs::Outside outside_;
  std::unique_ptr<nsm::Keeper> keeper_;
  nsm::Monitored monitored_;
  nlm::Service nlm_;
  nsm::Service nsm_;

  rpc::Programs programs_;
  rpc::ReplyCache replies_;
  rpc::Host host_;
  std::unique_ptr<UdpEndpoint> udp_;
  Rpcbind rpcbind_;
  bool calls_closed_ = false;
};

}  // namespace ditto::server
