#include "nfs/nlm/locking.hpp"
#include "nfs/nlm/procedures.hpp"
#include "nfs/nlm/target.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_UNLOCK. Also of what is not locked, and during the grace period, when it can only be what was
// reclaimed.
Task<nlm4_res> unlock(Service& service, rpc::Call& call, const nlm4_unlockargs& args) {
  using enum nlm4_stats;
  const auto target = target_of(service, call, args.alock);
  if (!target) co_return nlm4_res{args.cookie, target.error()};
  const auto owner = service.hosts.find(host_of(call, args.alock.caller_name), args.alock.svid, args.alock.oh.bytes());
  if (!owner) co_return nlm4_res{args.cookie, NLM4_GRANTED};
  service.blocks.unlocked(target->place.file, owner->lock_owner(), target->range);
  const bool done = give_back(service, *owner, target->place, target->range);
  co_return nlm4_res{args.cookie, done ? NLM4_GRANTED : NLM4_DENIED_NOLOCKS};
}

}  // namespace ditto::nlm
