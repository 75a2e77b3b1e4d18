#include "nfs/nlm/locking.hpp"

#include <utility>

#include "gate/held.hpp"
#include "nfs/nlm/status.hpp"
#include "nfs/nlm/target.hpp"
#include "nfs/nlm/versions.hpp"

namespace ditto::nlm {
namespace {

bool is_full(const Service& service, const Place& place) {
  std::size_t locks = 0;
  service.shares.coordinator().files().with(
      place.file, [&](const state::FileState& state) { locks = state.locks().table().size(); });
  return locks >= state::LockQueue::max_locks;
}

/// A block's turn has come, or never will.
void resumed(Job* job) {
  const std::shared_ptr<Block> block = std::exchange(static_cast<Block*>(job)->self, nullptr);
  Service& service = block->service;
  if (block->refused) {
    service.blocks.end(*block);
    service.hosts.settle(block->owner, block->place);
  } else if (service.blocks.granting(*block)) {
    service.hosts.settle(block->owner, block->place);
    tell(service, block);
  }
}

std::shared_ptr<Block> new_block(Service& service, const rpc::Call& call, const nlm4_lockargs& args, const Place& place,
                                 const state::ByteLock& lock) {
  auto owner = service.hosts.find(host_of(call, args.alock.caller_name), args.alock.svid, args.alock.oh.bytes());
  if (!owner) return nullptr;
  const auto block = std::make_shared<Block>(service, *std::move(owner));
  block->run = resumed;
  block->home = &service.outside.loop();
  block->place = place;
  block->lock = lock;
  block->version = call.version;
  block->peer = call.peer.address;
  block->protocol = protocol_of(call);
  block->granted = encode_for(call.version, nlm4_testargs{args.cookie, args.exclusive, args.alock});
  return block;
}

/// `owner` has entered the place.
Task<nlm4_stats> lock_or_wait(Service& service, rpc::Call& call, const nlm4_lockargs& args, const Target& target,
                              const Hosts::Use& owner, nfs::Entrance& entrance) {
  using enum nlm4_stats;
  const Place& place = target.place;
  const state::ByteLock lock{target.range, args.exclusive ? state::LockKind::Exclusive : state::LockKind::Shared,
                             owner.lock_owner()};
  const bool waits_already = service.blocks.waits_already(place.file, lock);
  std::shared_ptr<Block> block;
  if (args.block && !args.reclaim) {
    if (waits_already) co_return NLM4_BLOCKED;
    block = new_block(service, call, args, place, lock);
    if (!block || !service.blocks.add(block)) co_return NLM4_DENIED_NOLOCKS;
    block->self = block;
  }
  gate::Actor& actor = entrance.actor();
  actor.as.holder = {owner.client(), {}};
  const auto tried = co_await gate::lock_bytes(
      actor, *place.share, place.node,
      {.lock = lock, .waiting = block ? state::Waiting::Parked : state::Waiting::No, .wait = block.get()});
  const nlm4_stats status = tried ? status_of(tried->outcome) : status_of(tried.error());
  if (!block) co_return status;
  if (status == NLM4_BLOCKED) {
    if (service.blocks.parked(*block)) co_return status;
    withdraw(service, *block);
    co_return NLM4_DENIED;
  }
  block->self.reset();
  if (service.blocks.end(*block) || status != NLM4_GRANTED) co_return status;
  // It was cancelled while it was being got.
  give_back(service, owner, place, target.range);
  co_return NLM4_DENIED;
}

/// The host is told should this server start anew, before it rests on that. On the call's loop before and after.
Task<bool> monitor(Service& service, rpc::Call& call, const HostName& host) {
  const nsm::Peer peer{host.name, host.address, protocol_of(call)};
  if (service.monitored.has(peer)) co_return true;
  co_await resume_on(call.pool);
  const bool kept = service.monitored.add(
      peer, [&](const nsm::Peer& other) { return service.hosts.holds_anything({other.name, other.address}); });
  co_await resume_on(call.loop);
  co_return kept;
}

}  // namespace

Task<nlm4_stats> acquire(Service& service, rpc::Call& call, const nlm4_lockargs& args, Monitoring monitoring) {
  using enum nlm4_stats;
  const HostName host = host_of(call, args.alock.caller_name);
  if (service.must_wait(host, args.reclaim)) co_return NLM4_DENIED_GRACE_PERIOD;
  const auto target = target_of(service, call, args.alock);
  if (!target) co_return target.error();
  const Place& place = target->place;
  if (args.exclusive && place.share->rules().read_only) co_return NLM4_ROFS;
  nfs::Entrance entrance(call, *place.share);
  const auto allowed = co_await may_lock(entrance, place.node);
  if (!allowed) co_return status_of(allowed.error());

  const auto owner = service.hosts.use(host, args.alock.svid, args.alock.oh.bytes());
  if (!owner || is_full(service, place)) co_return NLM4_DENIED_NOLOCKS;
  if (monitoring == Monitoring::Yes && !co_await monitor(service, call, host)) co_return NLM4_DENIED_NOLOCKS;
  if (!service.hosts.enter(*owner, place, args.state)) co_return NLM4_DENIED_NOLOCKS;
  const nlm4_stats status = co_await lock_or_wait(service, call, args, *target, *owner, entrance);
  if (args.reclaim && status == NLM4_GRANTED)
    service.shares.coordinator().grace().reclaimed({state::Protocol::Nlm, host.name});
  if (service.hosts.settle(*owner, place) || status != NLM4_GRANTED) co_return status;
  give_back(service, *owner, place, target->range);
  co_return NLM4_DENIED_NOLOCKS;
}

bool give_back(Service& service, const Hosts::Use& owner, const Place& place, const state::ByteRange& range) {
  state::Effects effects;
  gate::Coordinator& coordinator = service.shares.coordinator();
  bool done = true;
  coordinator.files().with(place.file, [&](state::FileState& state) {
    done = state.unlock(owner.lock_owner(), range, service.outside.now_ns(), effects).has_value();
  });
  coordinator.deliver(effects);
  service.hosts.settle(owner, place);
  return done;
}

void close_reservation(Service& service, const Place& place, state::OpenId open) {
  state::Effects effects;
  gate::Coordinator& coordinator = service.shares.coordinator();
  coordinator.files().with(place.file, [&](state::FileState& state) { state.close(open, effects); });
  coordinator.deliver(effects);
}

bool withdraw(Service& service, Block& block) {
  state::Effects effects;
  std::optional<state::TicketId> ticket;
  gate::Coordinator& coordinator = service.shares.coordinator();
  coordinator.files().with(block.place.file, [&](state::FileState& state) {
    ticket = state.locks().find_parked(block.lock);
    if (ticket) state.locks().withdraw(*ticket, service.outside.now_ns(), effects);
  });
  coordinator.deliver(effects);
  if (!ticket || !coordinator.forget(*ticket)) return false;
  block.self.reset();
  return true;
}

}  // namespace ditto::nlm
