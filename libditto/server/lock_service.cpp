#include "server/lock_service.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "nfs/nsm/names.hpp"
#include "server/nsm_file.hpp"

namespace ditto::server {
namespace {

constexpr std::chrono::milliseconds rpcbind_patience(1000);
constexpr rpc::ReplyCacheLimits reply_limits{.entries = 1024, .bytes = std::size_t{1} << 20};

/// As clients know this machine, if they know it by name; else they go by the address that they are called from.
std::string own_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "ditto";
  return name.data();
}

std::unique_ptr<nsm::Keeper> keeper_for(const Options& options) {
  // Without shares of its own the server has no directory.
  if (options.data == memory_data || options.shares.empty()) return std::make_unique<nsm::MemoryKeeper>();
  return std::make_unique<NsmFile>(options.data);
}

}  // namespace

LockService::LockService(const Options& options, const gate::Shares& shares, EventLoop& loop,
                         rpc::InFlightPool& in_flight, Executor& pool, const Clock& clock, Random& random, Log& log)
    : options_(options.locks),
      listen_(options.listen),
      loop_(loop),
      clock_(clock),
      log_(log),
      dialer_(loop, random),
      outside_(dialer_, loop, loop.alarms(), own_name()),
      keeper_(keeper_for(options)),
      monitored_(*keeper_),
      nlm_(shares, outside_, monitored_),
      nsm_{.outside = outside_, .monitored = monitored_, .rebooted = {}, .crashed = {}},
      replies_(reply_limits, random),
      host_{.programs = programs_,
            .replies = replies_,
            .in_flight = in_flight,
            .pool = pool,
            .clock = clock,
            .log = log,
            .epochs = &shares.epochs()},
      rpcbind_(dialer_, outside_, log) {
  nsm_.rebooted = [this](std::string_view name, const auto& address, std::int32_t state) {
    nlm::drop_hosts(
        nlm_, [&](const nlm::HostName& host) { return host.address == address && nsm::same_host(host.name, name); },
        state);
  };
  nsm_.crashed = [this] {
    std::vector<std::string> names;
    const auto all = [&](const nlm::HostName& host) {
      names.push_back(host.name);
      return true;
    };
    nlm::drop_hosts(nlm_, all, 0);
    await_hosts(names);
  };
  add_to(programs_);
}

void LockService::add_to(rpc::Programs& programs) {
  DITTO_ASSERT(nlm::add_programs(programs, nlm_));
  DITTO_ASSERT(programs.add(nsm::program(nsm_)));
}

Outcome<void> LockService::open_udp(std::uint16_t tcp_port) {
  const std::uint16_t port = options_.udp_port != 0 ? options_.udp_port : tcp_port;
  auto udp = UdpEndpoint::open(loop_, host_, {.address = listen_, .port = port, .port_setting = "locks.udp_port"});
  if (!udp) return std::unexpected(std::move(udp.error()));
  udp_ = *std::move(udp);
  return {};
}

void LockService::tell_rpcbind(std::span<const rpc::Program> tcp_programs, std::uint16_t tcp_port) {
  rpcbind_.add(tcp_programs, rpc::portmap::Protocol::Tcp, tcp_port);
  if (udp_) rpcbind_.add(programs_.all(), rpc::portmap::Protocol::Udp, udp_->port());
}

void LockService::begin() {
  rpcbind_.start();
  auto peers = monitored_.start();
  if (!peers) {
    log_.warn("clients that held locks before are not told that the server started: its list of them cannot be used");
    return;
  }
  if (peers->empty()) return;
  std::vector<std::string> names;
  for (const nsm::Peer& peer : *peers) names.push_back(peer.name);
  await_hosts(names);
  log_.info(fmt::format("{} hosts held locks and are told that they get them back, for {} s", peers->size(),
                        options_.grace_seconds));
  nsm::tell(nsm_, *std::move(peers));
}

void LockService::await_hosts(std::span<const std::string> names) {
  nlm_.shares.coordinator().grace().await_hosts(names, clock_.monotonic_ns(),
                                                options_.grace_seconds * state::one_second);
}

void LockService::close() {
  rpcbind_.stop(rpcbind_patience);
  if (udp_) udp_->close();
}

bool LockService::wait_gone(std::chrono::milliseconds timeout) {
  if (udp_ && !udp_->wait_gone(timeout)) return false;
  // Nobody unlocks any more, so nobody else's turn comes, and no call begins.
  if (!std::exchange(calls_closed_, true)) {
    outside_.close();
    dialer_.close();
  }
  return outside_.wait_gone(timeout) && dialer_.wait_gone(timeout);
}

}  // namespace ditto::server
