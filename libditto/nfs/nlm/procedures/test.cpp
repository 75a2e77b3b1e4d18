#include "gate/held.hpp"
#include "nfs/nlm/procedures.hpp"
#include "nfs/nlm/status.hpp"
#include "nfs/nlm/target.hpp"

namespace ditto::nlm {

namespace {

/// Those who came by another protocol have no name here.
nlm4_holder holder_of(const Service& service, const state::ByteLock& lock) {
  nlm4_holder holder{.exclusive = lock.kind == state::LockKind::Exclusive, .l_offset = lock.range.first};
  const std::uint64_t length = lock.range.length();
  holder.l_len = length == state::ByteRange::end_of_file ? 0 : length;
  if (const auto name = service.hosts.name_of(lock.owner)) {
    holder.svid = name->svid;
    holder.oh = netobj::copy_of(name->oh);
  }
  return holder;
}

}  // namespace

// XNFS, chapter 10: NLM_TEST.
Task<nlm4_testres> test(Service& service, rpc::Call& call, const nlm4_testargs& args) {
  using enum nlm4_stats;
  nlm4_testres result{.cookie = args.cookie};
  if (service.in_grace()) {
    result.stat.stat = NLM4_DENIED_GRACE_PERIOD;
    co_return result;
  }
  const auto target = target_of(service, call, args.alock);
  if (!target) {
    result.stat.stat = target.error();
    co_return result;
  }
  const Place& place = target->place;
  nfs::Entrance entrance(call, *place.share);
  if (const auto allowed = co_await may_lock(entrance, place.node); !allowed) {
    result.stat.stat = status_of(allowed.error());
    co_return result;
  }
  const auto owner = service.hosts.find(host_of(call, args.alock.caller_name), args.alock.svid, args.alock.oh.bytes());
  const auto kind = args.exclusive ? state::LockKind::Exclusive : state::LockKind::Shared;
  const auto met = gate::test_bytes(*place.share, place.node,
                                    {target->range, kind, owner ? owner->lock_owner() : state::LockOwner{}});
  if (met) {
    result.stat.stat = NLM4_DENIED;
    result.stat.holder = holder_of(service, *met);
  }
  co_return result;
}

}  // namespace ditto::nlm
