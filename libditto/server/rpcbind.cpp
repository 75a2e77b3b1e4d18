#include "server/rpcbind.hpp"

#include <fmt/format.h>

#include <exception>
#include <future>
#include <memory>

#include "rpc/portmap/registration.hpp"

namespace ditto::server {
namespace {

constexpr std::uint64_t answer_within_ns = 3'000'000'000, leave_within_ns = 1'000'000'000;

Detached take_out(rpc::Dialer& dialer, nfs::Outside& outside, std::vector<rpc::portmap::mapping> entered,
                  std::shared_ptr<std::promise<void>> done) {
  const nfs::Outside::Errand errand(outside);
  try {
    for (const rpc::portmap::mapping& each : entered) {
      const auto answered = co_await rpc::portmap::unset(dialer, each.prog, each.vers,
                                                         outside.now_ns() + leave_within_ns, outside.loop());
      if (!answered) break;
    }
  } catch (const std::exception&) {
    // No memory for it: rpcbind keeps them until somebody else enters the same.
  }
  done->set_value();
}

}  // namespace

void Rpcbind::add(std::span<const rpc::Program> programs, rpc::portmap::Protocol protocol, std::uint16_t port) {
  const std::uint32_t number =
      protocol == rpc::portmap::Protocol::Tcp ? rpc::portmap::IPPROTO_OF_TCP : rpc::portmap::IPPROTO_OF_UDP;
  for (const rpc::Program& program : programs) wanted_.push_back({program.number(), program.version(), number, port});
}

void Rpcbind::start() {
  if (!wanted_.empty()) post(outside_.loop(), [this] { enter(); });
}

Detached Rpcbind::enter() {
  const nfs::Outside::Errand errand(outside_);
  try {
    for (const rpc::portmap::mapping& each : wanted_) {
      const auto answered =
          co_await rpc::portmap::set(dialer_, each, outside_.now_ns() + answer_within_ns, outside_.loop());
      if (outside_.closed()) break;
      if (!answered) {
        log_.warn(fmt::format("this machine's rpcbind cannot be told of the server: {}",
                              rpc::to_string(answered.error().failure)));
        break;
      }
      if (*answered) {
        entered_.push_back(each);
        continue;
      }
      log_.warn(
          fmt::format("this machine's rpcbind does not take program {} version {}: it has one already, or only "
                      "root may enter any",
                      each.prog, each.vers));
    }
  } catch (const std::exception&) {
    // No memory for it: clients do not find what is left.
  }
}

void Rpcbind::stop(std::chrono::milliseconds timeout) {
  if (wanted_.empty()) return;
  auto done = std::make_shared<std::promise<void>>();
  auto over = done->get_future();
  post(outside_.loop(), [this, done] { take_out(dialer_, outside_, entered_, done); });
  over.wait_for(timeout);
}

}  // namespace ditto::server
