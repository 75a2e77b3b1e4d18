#include "gate/held.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/delegating.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/in_sequence.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/open_target.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using enum open_claim_type4;

constexpr std::uint32_t access_bits = OPEN4_SHARE_ACCESS_BOTH;

// RFC 9754 adds two to version 2: delegations of times, and one in place of an open. Neither is given; who wants them
// gets what there is without them.
constexpr std::uint32_t OPEN4_SHARE_ACCESS_WANT_DELEG_TIMESTAMPS = 0x100000,
                        OPEN4_SHARE_ACCESS_WANT_OPEN_XOR_DELEGATION = 0x200000;

std::uint32_t wants_of(std::uint32_t minor) noexcept {
  if (minor == 0) return 0;
  const std::uint32_t later = OPEN4_SHARE_ACCESS_WANT_DELEG_TIMESTAMPS | OPEN4_SHARE_ACCESS_WANT_OPEN_XOR_DELEGATION;
  return OPEN4_SHARE_ACCESS_WANT_DELEG_MASK | OPEN4_SHARE_ACCESS_WANT_SIGNAL_DELEG_WHEN_RESRC_AVAIL |
         OPEN4_SHARE_ACCESS_WANT_PUSH_DELEG_WHEN_UNCONTENDED | (minor > 1 ? later : 0);
}

/// INVAL: no access, or bits that the version does not have (RFC 8881, 18.16.3).
nfsstat4 check_share(const Compound& compound, const OPEN4args& args) noexcept {
  const std::uint32_t wants = wants_of(compound.minor);
  if ((args.share_access & access_bits) == 0 || (args.share_access & ~(access_bits | wants)) != 0) {
    return NFS4ERR_INVAL;
  }
  return args.share_deny > OPEN4_SHARE_DENY_BOTH ? NFS4ERR_INVAL : NFS4_OK;
}

/// Delegations of an earlier instance of a client are not kept (RFC 8881, 10.2.1).
nfsstat4 check_claim(const Compound& compound, const OPEN4args& args) noexcept {
  const bool creates = args.openhow.opentype == opentype4::OPEN4_CREATE;
  switch (args.claim.claim) {
    case CLAIM_NULL: return NFS4_OK;
    case CLAIM_PREVIOUS: return creates ? NFS4ERR_INVAL : NFS4_OK;
    case CLAIM_FH: return compound.minor == 0 || creates ? NFS4ERR_INVAL : NFS4_OK;
    case CLAIM_DELEGATE_CUR: return creates ? NFS4ERR_INVAL : NFS4_OK;
    case CLAIM_DELEG_CUR_FH: return compound.minor == 0 || creates ? NFS4ERR_INVAL : NFS4_OK;
    case CLAIM_DELEGATE_PREV: return NFS4ERR_NOTSUPP;
    case CLAIM_DELEG_PREV_FH: return compound.minor == 0 ? NFS4ERR_INVAL : NFS4ERR_NOTSUPP;
  }
  return NFS4ERR_INVAL;
}

state::ShareMode mode_of(const OPEN4args& args) noexcept {
  return {state::Share(args.share_access & access_bits), state::Share(args.share_deny)};
}

/// Whether the client opens what it has a delegation of, for somebody that it let in itself.
bool is_delegated(const OPEN4args& args) noexcept {
  return args.claim.claim == CLAIM_DELEGATE_CUR || args.claim.claim == CLAIM_DELEG_CUR_FH;
}

class Opening {
 public:
  Opening(Compound& compound, Keeper& keeper, std::shared_ptr<state::Client> client, const OPEN4args& args,
          InSequence<OPEN4res>& sequence)
      : compound_(compound),
        keeper_(keeper),
        client_(std::move(client)),
        args_(args),
        sequence_(sequence),
        promise_{.who = {client_->key, std::string(text_of(args.owner.owner.bytes()))},
                 .kept = keeper.coordinator().persister().keeps(),
                 .reclaims = args.claim.claim == CLAIM_PREVIOUS} {}

  Task<OPEN4res> run() {
    if (const nfsstat4 status = check_share(compound_, args_); status != NFS4_OK) co_return failed(status);
    if (const nfsstat4 status = check_claim(compound_, args_); status != NFS4_OK) co_return failed(status);
    if (sequence_.replaces_unconfirmed()) drop_unconfirmed();
    compound_.act_as(client_->id);
    if (const nfsstat4 status = co_await keeper_.begin_state(compound_, *client_, promise_.reclaims);
        status != NFS4_OK) {
      co_return failed(status);
    }
    const auto target = co_await open_target(compound_, args_);
    if (!target) co_return failed(target.error());
    target_ = *target;
    if (const nfsstat4 status = check_delegation(); status != NFS4_OK) co_return failed(status);
    co_return co_await hold();
  }

 private:
  static OPEN4res failed(nfsstat4 status) { return {.status = status, .resok4 = {}}; }

  nfsstat4 check_delegation() const {
    if (!is_delegated(args_)) return NFS4_OK;
    const bool by_name = args_.claim.claim == CLAIM_DELEGATE_CUR;
    const stateid4& stateid =
        by_name ? args_.claim.delegate_cur_info.delegate_stateid : args_.claim.oc_delegate_stateid;
    const state::StateId id = stateid_of(stateid);
    const auto held = id.client == client_->id ? keeper_.find_holdings(id.client) : nullptr;
    if (!held) return NFS4ERR_BAD_STATEID;
    const auto found = held->find_delegation(id, file(), Keeper::zero_of(compound_));
    return found ? NFS4_OK : status_of(found.error(), compound_.minor);
  }

  state::FileKey file() const noexcept {
    return gate::file_key(target_.place.share->file_system(), target_.place.node);
  }

  void drop_unconfirmed() {
    state::ClientEffects effects;
    effects.unconfirmed.push_back({client_->id, sequence_.owner()});
    keeper_.deliver(effects);
  }

  /// The open of the owner, on the files' side and on the client's.
  Task<OPEN4res> hold() {
    const auto holdings = keeper_.holdings(*client_);
    const auto begun = holdings->begin_open(text_of(args_.owner.owner.bytes()), file(), keeper_.coordinator().new_id(),
                                            sequence_.owner());
    if (!begun) co_return failed(status_of(begun.error(), compound_.minor));
    if (begun->fresh && !client_->opens.add()) {
      holdings->abandon_open(begun->state.number);
      co_return failed(status_of(state::Refusal::LimitReached, compound_.minor));
    }
    nfsstat4 status = co_await hold_file(begun->state, begun->fresh);
    if (status == NFS4_OK && !still_reclaims()) {
      let_go(begun->state, begun->fresh);
      status = NFS4ERR_NO_GRACE;
    }
    if (status != NFS4_OK) {
      holdings->abandon_open(begun->state.number);
      if (begun->fresh) client_->opens.remove();
      co_return failed(status);
    }
    const state::StateId id = holdings->end_open(begun->state.number, mode_of(args_), compound_.call.caller.uid);
    if (client_->lease.standing() == state::Standing::Gone) {
      // It went while its open was on the way; whoever dropped the rest did not see this one.
      gate::close_open(*target_.place.share, target_.place.node, begun->state.open);
      co_return failed(NFS4ERR_EXPIRED);
    }
    OPEN4res result = answered(wire_of(id));
    // An owner that is not known yet may be a retry of long ago (RFC 7530, 10.4).
    if (is_delegated(args_) || sequence_.needs_confirm()) co_return result;
    const DelegationWish wish{.place = target_.place,
                              .access = mode_of(args_).access,
                              .want = args_.share_access,
                              .reclaimed = args_.claim.delegate_type,
                              .reclaims = promise_.reclaims};
    const auto none = refuse_delegation(compound_, *client_, wish);
    result.resok4.delegation = none ? *none : co_await give_delegation(compound_, *client_, wish);
    co_return result;
  }

  /// Whether grace has not ended while a reclaim was on its way: others may have had since what it is about.
  bool still_reclaims() const {
    return args_.claim.claim != CLAIM_PREVIOUS || keeper_.clients().may_reclaim(*client_).has_value();
  }
  /// The file's side of an open is again as it was.
  void let_go(const state::OpenState& open, bool fresh) {
    const gate::Share& share = *target_.place.share;
    if (fresh) {
      gate::close_open(share, target_.place.node, open.open);
    } else {
      gate::downgrade_open(share, target_.place.node, open.open, open.mode);
    }
  }

  Task<nfsstat4> hold_file(const state::OpenState& open, bool fresh) {
    const gate::Share& share = *target_.place.share;
    gate::Actor& actor = compound_.entrance(share).actor();
    actor.as = {.holder = {client_->id, {}}, .open = open.open, .locks = {}};
    state::ShareMode mode = mode_of(args_);
    if (target_.truncates) mode.access = mode.access | state::Share::Write;  // until it is empty
    for (bool exec = false;;) {
      const vfs::Access wanted = target_.access(mode_of(args_), exec);
      const auto opened =
          fresh ? co_await gate::open_node(actor, share, target_.place.node,
                                           {.open = {open.open, actor.as.holder, mode},
                                            .how = target_.operation(mode),
                                            .wanted = wanted,
                                            .promise = &promise_})
                : co_await gate::upgrade_open(actor, share, target_.place.node, open.open, mode, wanted, &promise_);
      if (opened) break;
      const gate::Obstacle& obstacle = opened.error();
      // A program that may be run may be read, since running it is reading.
      const bool reads = any(mode_of(args_).access & state::Share::Read);
      if (obstacle.error() == Error::AccessDenied && reads && !std::exchange(exec, true)) continue;
      // RFC 8881, 15.1.9.4: what is claimed is somebody else's now, or may yet be claimed by them.
      if (promise_.reclaims && obstacle.refusal() == state::Refusal::ShareConflict) co_return NFS4ERR_RECLAIM_CONFLICT;
      if (obstacle.refusal()) co_return status_of(*obstacle.refusal(), compound_.minor);
      co_return target_failure(compound_, obstacle.error());
    }
    co_return target_.truncates ? co_await truncate(open, fresh) : NFS4_OK;
  }

  /// What OPEN empties, it empties by the open that it has just got, which is for writing that long: whoever denies
  /// writing is in the way also of an OPEN that will only read.
  Task<nfsstat4> truncate(const state::OpenState& open, bool fresh) {
    const gate::Share& share = *target_.place.share;
    nfs::Entrance& entrance = compound_.entrance(share);
    entrance.actor().rights = vfs::IoRights::Opened;
    const vfs::SetAttributes empty{.size = 0};
    const auto emptied = co_await entrance.gate.setattr(target_.place.node, empty, std::nullopt);
    entrance.actor().rights = vfs::IoRights::Checked;
    state::ShareMode left = open.mode;
    if (emptied) left = {left.access | mode_of(args_).access, left.deny | mode_of(args_).deny};
    if (!emptied && fresh) {
      gate::close_open(share, target_.place.node, open.open);
    } else {
      gate::downgrade_open(share, target_.place.node, open.open, left);
    }
    co_return emptied ? NFS4_OK : compound_.status_of(emptied.error());
  }

  OPEN4res answered(const stateid4& stateid) {
    compound_.move_to(target_.place);
    compound_.current.stateid = stateid;
    OPEN4res result{.resok4 = {.stateid = stateid, .cinfo = target_.directory, .attrset = target_.attributes_set}};
    result.resok4.rflags = OPEN4_RESULT_LOCKTYPE_POSIX;
    if (sequence_.needs_confirm()) result.resok4.rflags |= OPEN4_RESULT_CONFIRM;
    if (compound_.minor > 0) result.resok4.rflags |= OPEN4_RESULT_PRESERVE_UNLINKED;
    const Callbacks* callbacks = compound_.minor > 0 ? keeper_.callbacks() : nullptr;
    if (callbacks && callbacks->reaches(*client_)) result.resok4.rflags |= OPEN4_RESULT_MAY_NOTIFY_LOCK;
    return result;
  }

  Compound& compound_;
  Keeper& keeper_;
  const std::shared_ptr<state::Client> client_;
  const OPEN4args& args_;
  InSequence<OPEN4res>& sequence_;
  const state::Promise promise_;
  OpenTarget target_;
};

}  // namespace

// RFC 8881, 18.16; RFC 7530, 16.16.
Task<OPEN4res> open(Compound& compound, const OPEN4args& args) {
  Keeper& keeper = *compound.service.keeper;
  auto client = keeper.client_of(compound, args.owner.clientid);
  if (!client) co_return OPEN4res{.status = client.error()};
  InSequence<OPEN4res> sequence;
  const bool reclaim = args.claim.claim == CLAIM_PREVIOUS;
  if (compound.minor == 0) {
    auto begun = (*client)->owners.begin(state::OwnerKind::Open, text_of(args.owner.owner.bytes()),
                                         {.use = reclaim ? state::OwnerUse::Reclaim : state::OwnerUse::Open,
                                          .sequence = args.seqid,
                                          .fingerprint = fingerprint_of(args)},
                                         keeper.now());
    if (!begun) co_return OPEN4res{.status = status_of(begun.error(), compound.minor)};
    if (auto answered = sequence.begin(compound, begun->owner, begun->sequenced)) {
      // A replayed OPEN leaves the filehandle where the first one did.
      if (answered->status == NFS4_OK) move_to_replayed(compound, answered->resok4.stateid);
      co_return *std::move(answered);
    }
  }
  OPEN4res result = co_await Opening(compound, keeper, *client, args, sequence).run();
  sequence.end(result, reclaim);
  co_return result;
}

}  // namespace ditto::nfs4
