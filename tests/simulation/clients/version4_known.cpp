// How it makes itself known, and what it does when the server is there anew.
#include <algorithm>
#include <utility>

#include "clients/version4.hpp"
#include "nfs/v4/introduction.hpp"
#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/locks.hpp"
#include "nfs/v4/messages/sessions.hpp"

namespace ditto::sim {

using namespace ditto::nfs4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

using Name4 = xdr::opaque<NFS4_OPAQUE_LIMIT>;
using state::Grace;

constexpr channel_attrs4 channel(std::uint32_t slots) {
  return {.ca_maxrequestsize = 4096,
          .ca_maxresponsesize = 4096,
          .ca_maxresponsesize_cached = 2048,
          .ca_maxoperations = 8,
          .ca_maxrequests = slots,
          .ca_rdma_ird = {}};
}

/// Refused for now: to be asked for again.
bool is_for_later(nfsstat4 status) { return status == NFS4ERR_DELAY || status == NFS4ERR_GRACE; }

}  // namespace

void Version4::introduce() {
  const std::string name = std::string(kind()) + " " + std::to_string(number());
  const Name4 own = Name4::copy_of(bytes_of(name));
  if (minor_ == 0) {
    const SETCLIENTID4args args{.client = {verifier_of(verifier_), own}, .callback = {}};
    return send(Ops().add(OP_SETCLIENTID, args), {}, {}, [this](Results& results) {
      const auto known = results.next<SETCLIENTID4res>();
      if (known.status != NFS4_OK) return;
      confirm_with_ = nfs4::number_of(known.resok4.setclientid_confirm);
      known_as(known.resok4.clientid);
    });
  }
  const EXCHANGE_ID4args args{
      .eia_clientowner = {verifier_of(verifier_), own}, .eia_state_protect = {}, .eia_client_impl_id = {}};
  send(Ops().add(OP_EXCHANGE_ID, args), {}, {}, [this](Results& results) {
    const auto known = results.next<EXCHANGE_ID4res>();
    if (known.status != NFS4_OK) return;
    confirm_with_ = known.resok4.eir_sequenceid;
    known_as(known.resok4.eir_clientid);
  });
}

void Version4::known_as(state::ClientId id) {
  // The server has changed its mind, and kept what it was about to take. What this client has forgotten of its numbers
  // meanwhile, it does not get back.
  if (id == known_as_) return reboot();
  known_as_ = id;
  sessions_line_ = std::make_shared<Line>();
  phase_ = Phase::Introduced;
}

void Version4::confirm() {
  const SETCLIENTID_CONFIRM4args args{known_as_, verifier_of(confirm_with_)};
  send(Ops().add(OP_SETCLIENTID_CONFIRM, args), {}, {}, [this](Results& results) {
    const nfsstat4 status = results.next<SETCLIENTID_CONFIRM4res>().status;
    phase_ = status == NFS4_OK ? Phase::Reclaiming : Phase::Unknown;
  });
}

void Version4::create_session() {
  Sent sent;
  sent.line = sessions_line_;
  const CREATE_SESSION4args args{.csa_clientid = known_as_,
                                 .csa_sequence = static_cast<sequenceid4>(confirm_with_),
                                 .csa_fore_chan_attrs = channel(slot_count),
                                 .csa_back_chan_attrs = channel(1),
                                 .csa_sec_parms = {}};
  send(Ops().add(OP_CREATE_SESSION, args), std::move(sent), {}, [this](Results& results) {
    const auto created = results.next<CREATE_SESSION4res>();
    phase_ = created.status == NFS4_OK ? Phase::Reclaiming : Phase::Unknown;
    session_ = created.resok4.csr_sessionid;
    for (auto& slot : slots_) slot = std::make_shared<Queue>();
  });
}

void Version4::renew() {
  if (minor_ > 0) return send(Ops(), {}, {}, [](Results&) {});
  send(Ops().add(OP_RENEW, RENEW4args{known_as_}), {}, {}, [](Results&) {});
}

// ---- a server that does not know it any more
// --------------------------------------------------------------------------------------

template <class F>
void Version4::each_hold(F change) {
  for (Opened& open : opens_) {
    change(open.hold);
    for (Lock& lock : open.locks) change(lock.hold);
  }
}

void Version4::lose_server() {
  world_.note(kind(), " ", number(), " is not known any more");
  world_.tally.event(minor_ == 0 ? "NFSv4.0: clients that were forgotten" : "NFSv4.1: clients that were forgotten");
  pending_.clear();
  phase_ = Phase::Unknown;
  complete_ = recorded_ = cut_off_ = false;
  for (auto& owner : owners_) owner = fresh_queue("open");
  std::erase_if(opens_, [](const Opened& open) { return open.hold == Hold::Leaving; });
  // Who is told that it has expired before that is durable keeps it from others until it is, or after a crash.
  const bool gone = !world_.keeper().clients().client(known_as_);
  each_hold([&](Hold& hold) {
    if (hold == Hold::Held) hold = gone && world_.gained ? Hold::Lost : Hold::Unsure;
  });
  for (Opened& open : opens_) {
    std::erase_if(open.locks, [](const Lock& lock) { return lock.hold == Hold::Leaving; });
    open.in_use = 0;
    open.locker = fresh_queue("lock");
    open.lock_stateid.reset();
  }
}

void Version4::reboot() { forget(); }

void Version4::server_restarted() {
  was_cut_off_ = cut_off_;
  if (cut_off_) world_.tally.event("NFSv4.1: cut off when the server dies");
  complete_ = recorded_ = cut_off_ = false;
  if (was_cut_off_) {
    asleep_until_ = 0;
  } else if (world_.dice.chance(1, 4)) {
    asleep_until_ = world_.now() + world_.dice.below(2 * lease_time);
  }
}

bool Version4::may_still_reclaim() const {
  if (world_.now() >= world_.reclaims_until()) return false;
  return std::ranges::any_of(opens_, [](const Opened& open) {
    return open.hold == Hold::Claimable ||
           std::ranges::any_of(open.locks, [](const Lock& lock) { return lock.hold == Hold::Claimable; });
  });
}

/// It tries what it will not get, too.
bool Version4::reclaims() const {
  if (world_.now() >= world_.reclaims_until() || world_.now() < asleep_until_) return false;
  const auto is_due = [](Hold hold) { return hold != Hold::Held && hold != Hold::Leaving; };
  return std::ranges::any_of(opens_, [&](const Opened& open) {
    return is_due(open.hold) || std::ranges::any_of(open.locks, is_due, &Lock::hold);
  });
}

/// A client of version 0 cannot say whether it has reclaimed everything: that it got something back is enough for the
/// next server to let it try again (RFC 7530, 9.6.3.4.3).
void Version4::others_have_gained() {
  const bool may_try = minor_ == 0 && recorded_, has_part = minor_ > 0 && recorded_ && !complete_;
  // It was told that it has expired, and that is not durable yet: until then the server keeps all of it.
  const bool is_kept = phase_ == Phase::Unknown && world_.keeper().clients().client(known_as_);
  each_hold([&](Hold& hold) {
    if ((hold != Hold::Claimable && hold != Hold::Unsure) || is_kept) return;
    cut_off_ |= has_part;
    hold = may_try ? Hold::Unsure : Hold::Lost;
  });
  if (cut_off_) world_.tally.event("NFSv4.1: cut off");
}

// ---- the server dies
// -----------------------------------------------------------------------------------------------------------------

Version4::Hold Version4::after_crash(Hold before, bool there) const {
  const state::Clients& clients = world_.keeper().clients();
  const bool running = clients.grace() == Grace::Phase::Running;
  const Hold taken = world_.gained ? Hold::Lost : Hold::Unsure;
  if (before == Hold::Claimable) return running && world_.now() < world_.reclaims_until() ? before : Hold::Unsure;
  if (before != Hold::Held) return before;
  const auto client = clients.client(known_as_);
  if (client && client->lease.standing() == state::Standing::Revoking) return Hold::Unsure;
  if (!client || !there) return taken;
  // Who has not said that it is done when others may have what it has not got round to is not let in again.
  return minor_ == 0 || complete_ || running ? Hold::Claimable : Hold::Unsure;
}

Version4::Hold Version4::judged(const Opened& claim) const {
  bool there = false;
  world_.with_state(claim.inode, [&](const state::FileState& file) {
    there |= std::ranges::any_of(file.opens(), [&](const state::Open& open) {
      return open.holder.client == known_as_ && (open.mode.access & claim.mode.access) == claim.mode.access &&
             (open.mode.deny & claim.mode.deny) == claim.mode.deny;
    });
  });
  return after_crash(claim.hold, there);
}

Version4::Hold Version4::judged(const Opened& open, const Lock& claim) const {
  bool there = false;
  world_.with_state(open.inode, [&](const state::FileState& file) {
    there |= std::ranges::any_of(file.locks().table().all(), [&](const state::ByteLock& lock) {
      const bool covers = lock.range.first <= claim.range.first && lock.range.last >= claim.range.last;
      return lock.owner.client == known_as_ && covers && lock.kind == claim.kind;
    });
  });
  return after_crash(claim.hold, there);
}

void Version4::before_crash() {
  for (Opened& open : opens_) {
    for (Lock& lock : open.locks) {
      const Hold was = std::exchange(lock.hold, judged(open, lock));
      world_.note(kind(), " ", number(), " had locked byte ", lock.range.first, " of ", open.inode, ": ",
                  std::uint64_t(was), " > ", std::uint64_t(lock.hold));
    }
    const Hold was = std::exchange(open.hold, judged(open));
    world_.note(kind(), " ", number(), " had open ", open.inode, " for access ", std::uint64_t(open.mode.access),
                " deny ", std::uint64_t(open.mode.deny), ": ", std::uint64_t(was), " > ", std::uint64_t(open.hold));
  }
}

// ---- reclaiming
// ----------------------------------------------------------------------------------------------------------------------

void Version4::reclaim() {
  const auto due = [](Hold hold) { return hold != Hold::Held && hold != Hold::Leaving; };
  for (Opened& open : opens_) {
    if (due(open.hold)) return reclaim_open(open);
    for (std::size_t i = 0; i < open.locks.size(); ++i) {
      if (due(open.locks[i].hold)) return reclaim_lock(open, i);
    }
  }
  if (minor_ > 0) return complete();
  phase_ = Phase::Ready;
}

void Version4::reclaim_open(Opened& open) {
  const auto& by = owners_[open.owner];
  Sent sent;
  sent.gains = Sent::Gains::Back;
  sent.claim = open.id;
  sent.actor.holder = {known_as_, {}};
  sent.opens = true;
  OPEN4args args{.seqid = next(*by),
                 .share_access = std::uint32_t(open.mode.access),
                 .share_deny = std::uint32_t(open.mode.deny),
                 .owner = owner(by->name),
                 .openhow = {},
                 .claim = {}};
  args.claim.claim = open_claim_type4::CLAIM_PREVIOUS;
  send(Ops().fh(open.handle).add(OP_OPEN, args), std::move(sent), {by}, [this, which = open.id](Results& results) {
    results.next<PUTFH4res>();
    const auto result = results.next<OPEN4res>();
    Opened* found = find(which);
    if (!found || is_for_later(result.status)) return;
    if (result.status != NFS4_OK) {
      reclaim_refused();
      return void(std::erase_if(opens_, [&](const Opened& each) { return each.id == which; }));
    }
    world_.tally.event("NFSv4: opens reclaimed");
    owners_[found->owner]->line->confirmed = true;
    found->stateid = result.resok4.stateid;
    found->hold = Hold::Held;
    found->opened_as = {found->mode};
    rest();
  });
}

/// Some fall silent with a part of it, until others may have the rest.
void Version4::rest() {
  bool more = false;
  each_hold([&](Hold& hold) { more |= hold == Hold::Claimable; });
  if (minor_ == 0 || !more || world_.dice.chance(1, 6)) return;
  world_.tally.event("NFSv4.1: fell silent while it reclaimed");
  asleep_until_ = world_.reclaims_until() + lease_time / 2 + world_.dice.below(lease_time);
}

void Version4::reclaim_refused() {
  world_.tally.event("NFSv4: reclaims refused");
  if (was_cut_off_) world_.tally.event("NFSv4.1: reclaims refused: cut off");
}

void Version4::reclaim_lock(Opened& open, std::size_t which) {
  Sent sent;
  sent.gains = Sent::Gains::Back;
  sent.claim = open.id;
  sent.piece = which;
  const Lock wanted = open.locks[which];
  ask_for_lock(open, wanted, false, std::move(sent), [this, id = open.id, which](Results& results) {
    const nfsstat4 status = results.status;
    Opened* found = find(id);
    if (!found || which >= found->locks.size() || is_for_later(status)) return;
    if (status == NFS4_OK) {
      world_.tally.event("NFSv4: locks reclaimed");
      found->locks[which].hold = Hold::Held;
      rest();
    } else {
      reclaim_refused();
      found->locks.erase(found->locks.begin() + static_cast<std::ptrdiff_t>(which));
    }
  });
}

void Version4::complete() {
  send(Ops().add(OP_RECLAIM_COMPLETE, RECLAIM_COMPLETE4args{}), {}, {}, [this](Results& results) {
    const nfsstat4 status = results.next<RECLAIM_COMPLETE4res>().status;
    if (status != NFS4_OK && status != NFS4ERR_COMPLETE_ALREADY) return;
    complete_ = true;
    cut_off_ = false;
    phase_ = Phase::Ready;
  });
}

}  // namespace ditto::sim
