#include <exception>
#include <utility>

#include "nfs/nsm/procedures.hpp"

namespace ditto::nsm {
namespace {

std::vector<Peer> crash(Service& service) noexcept {
  try {
    auto peers = service.monitored.crash();
    if (!peers) return {};  // nothing has changed
    service.crashed();
    return *std::move(peers);
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

// XNFS, chapter 11: SM_SIMU_CRASH. From this machine only: all that is held for hosts goes, and they are told.
Task<void> simu_crash(Service& service, rpc::Call& call) {
  if (!call.peer.is_loopback()) co_return;
  co_await resume_on(call.pool);
  auto peers = crash(service);
  co_await resume_on(call.loop);
  tell(service, std::move(peers));
}

}  // namespace ditto::nsm
