#include "nfs/nlm/locking.hpp"
#include "nfs/nlm/procedures.hpp"
#include "nfs/nlm/target.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_CANCEL. A lock that was granted just now, and that the client does not know of, is given up as
// well.
Task<nlm4_res> cancel(Service& service, rpc::Call& call, const nlm4_cancargs& args) {
  using enum nlm4_stats;
  if (service.in_grace()) co_return nlm4_res{args.cookie, NLM4_DENIED_GRACE_PERIOD};
  const auto target = target_of(service, call, args.alock);
  if (!target) co_return nlm4_res{args.cookie, target.error()};
  const auto owner = service.hosts.find(host_of(call, args.alock.caller_name), args.alock.svid, args.alock.oh.bytes());
  if (!owner) co_return nlm4_res{args.cookie, NLM4_DENIED};
  const auto kind = args.exclusive ? state::LockKind::Exclusive : state::LockKind::Shared;
  const auto block = service.blocks.find(target->place.file, {target->range, kind, owner->lock_owner()});
  if (!block || !service.blocks.end(*block)) co_return nlm4_res{args.cookie, NLM4_DENIED};
  if (!withdraw(service, *block)) give_back(service, *owner, target->place, target->range);
  co_return nlm4_res{args.cookie, NLM4_GRANTED};
}

}  // namespace ditto::nlm
