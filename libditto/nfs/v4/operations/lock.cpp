#include "gate/held.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/held_state.hpp"
#include "nfs/v4/lock_request.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

class Locking {
 public:
  Locking(Compound& compound, const LOCK4args& args, HeldState& held) : compound_(compound), args_(args), held_(held) {}

  Task<LOCK4res> run(std::shared_ptr<state::OwnerSequence> lock_owner) {
    const auto range = state::ByteRange::of_nfs(args_.offset, args_.length);
    if (!range) co_return failed(NFS4ERR_INVAL);
    const bool room = held_.client().locks.add();  // before a CLOSE can count it off
    const auto begun = begin(std::move(lock_owner));
    if (room && !(begun && begun->fresh)) held_.client().locks.remove();
    if (!begun) co_return failed(held_.status_of(begun.error()));
    if (begun->fresh && !room) {
      held_.holdings().abandon_lock(begun->state.number, now());
      co_return failed(held_.status_of(state::Refusal::LimitReached));
    }
    LOCK4res result = co_await lock(*begun, *range);
    if (result.status == NFS4_OK) {
      const auto id = held_.holdings().end_lock(begun->state.number);
      if (id) {
        result.resok4.lock_stateid = wire_of(*id);
        compound_.current.stateid = result.resok4.lock_stateid;
        co_return result;
      }
      // It was closed meanwhile, or its client is gone.
      const Place at = *compound_.current.place;
      gate::unlock_owner(compound_.entrance(*at.share).actor(), *at.share, at.node, begun->state.holder);
      result = failed(held_.status_of(id.error()));
    }
    if (begun->fresh && held_.holdings().abandon_lock(begun->state.number, now())) held_.client().locks.remove();
    co_return result;
  }

 private:
  static LOCK4res failed(nfsstat4 status) { return {.status = status, .resok4 = {}, .denied = {}}; }
  state::Moment now() const noexcept { return compound_.service.keeper->now(); }

  state::Answer<state::Holdings::LockBegun> begin(std::shared_ptr<state::OwnerSequence> lock_owner) {
    if (!args_.locker.new_lock_owner) return held_.holdings().find_lock(held_.id(), held_.file(), held_.zero());
    return held_.holdings().begin_lock(held_.id(), text_of(args_.locker.open_owner.lock_owner.owner.bytes()),
                                       held_.file(), held_.zero(), std::move(lock_owner));
  }

  Task<LOCK4res> lock(const state::Holdings::LockBegun& begun, const state::ByteRange& range) {
    const state::LockKind kind = kind_of(args_.locktype);
    const state::Share needed = kind == state::LockKind::Shared ? state::Share::Read : state::Share::Write;
    if (!any(begun.open.mode.access & needed)) co_return failed(NFS4ERR_OPENMODE);
    Keeper& keeper = *compound_.service.keeper;
    if (const nfsstat4 status = co_await keeper.begin_state(compound_, held_.client(), args_.reclaim);
        status != NFS4_OK) {
      co_return failed(status);
    }
    const Place at = *compound_.current.place;
    gate::Actor& actor = compound_.entrance(*at.share).actor();
    actor.as = {.holder = {held_.id().client, {}}, .open = begun.open.open, .locks = begun.state.holder};
    const gate::LockTry wanted{.lock = {range, kind, begun.state.holder},
                               .waiting = waits(args_.locktype) ? state::Waiting::Polling : state::Waiting::No,
                               .until = now() + keeper.lease_ns()};
    // Who waits is told when its turn has come (RFC 8881, 20.11); that may be before it has heard that it must wait.
    LockWaits* notices = compound_.minor > 0 && keeper.callbacks() ? &keeper.callbacks()->lock_waits() : nullptr;
    const state::FileKey& file = held_.file();
    if (notices && waits(args_.locktype)) notices->note(file, wanted.lock.owner, filehandle_of(at), wanted.until);
    const auto tried = co_await gate::lock_bytes(actor, *at.share, at.node, wanted);
    if (!tried) {
      if (tried.error().refusal()) co_return failed(held_.status_of(*tried.error().refusal()));
      co_return failed(compound_.status_of(tried.error().error()));
    }
    if (tried->outcome.kind == state::LockOutcome::Kind::Granted) {
      if (notices) notices->forget(file, wanted.lock.owner);
      if (!args_.reclaim || keeper.clients().may_reclaim(held_.client())) co_return LOCK4res{};
      // Grace has ended while it was on its way: others may have had the bytes since.
      (void)gate::unlock_bytes(actor, *at.share, at.node, begun.state.holder, range);
      co_return failed(NFS4ERR_NO_GRACE);
    }
    co_return LOCK4res{.status = NFS4ERR_DENIED, .resok4 = {}, .denied = denied_of(keeper, tried->outcome.holder)};
  }

  Compound& compound_;
  const LOCK4args& args_;
  HeldState& held_;
};

}  // namespace

// RFC 8881, 18.10; RFC 7530, 16.10. In version 0 the first LOCK of a lock owner is one of its open owner's requests,
// and all others are its own.
Task<LOCK4res> lock(Compound& compound, const LOCK4args& args) {
  const locker4& locker = args.locker;
  HeldState held(compound, locker.new_lock_owner ? locker.open_owner.open_stateid : locker.lock_owner.lock_stateid);
  if (!held) co_return LOCK4res{.status = held.status()};
  InSequence<LOCK4res> sequence, first_of_lock_owner;
  std::shared_ptr<state::OwnerSequence> lock_owner;
  if (locker.new_lock_owner) {
    if (auto answered = held.begin(sequence, state::OwnerUse::Other, locker.open_owner.open_seqid, args)) {
      co_return *std::move(answered);
    }
    if (compound.minor == 0) {
      if (locker.open_owner.lock_owner.clientid != held.id().client) {
        co_return sequence.end({.status = NFS4ERR_STALE_CLIENTID});
      }
      auto begun = held.client().owners.begin(
          state::OwnerKind::Lock, text_of(locker.open_owner.lock_owner.owner.bytes()),
          {.use = state::OwnerUse::Lock, .sequence = locker.open_owner.lock_seqid, .fingerprint = fingerprint_of(args)},
          compound.service.keeper->now());
      if (!begun) co_return sequence.end({.status = held.status_of(begun.error())});
      lock_owner = begun->owner;
      if (auto answered = first_of_lock_owner.begin(compound, begun->owner, begun->sequenced)) {
        co_return sequence.end(*answered);
      }
    }
  } else if (auto answered = held.begin(sequence, state::OwnerUse::Lock, locker.lock_owner.lock_seqid, args)) {
    co_return *std::move(answered);
  }
  const LOCK4res result = co_await Locking(compound, args, held).run(lock_owner);
  first_of_lock_owner.end(result);
  if (lock_owner && result.status != NFS4_OK) {
    // Interop: Linux forgets a lock owner that has got nothing, and its next one with that name counts from 0 again. A
    // retry of this LOCK finds its answer with the open owner. One that holds something elsewhere stays.
    (void)held.client().owners.release_lock_owner(text_of(locker.open_owner.lock_owner.owner.bytes()));
  }
  co_return sequence.end(result);
}

}  // namespace ditto::nfs4
