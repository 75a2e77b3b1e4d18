#include "nfs/v4/keeper.hpp"

#include <algorithm>
#include <utility>

#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/link.hpp"
#include "nfs/v4/persisted.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

namespace {

/// Before the first client: the records are known, and kept from now on.
gate::Coordinator& begun(gate::Coordinator& coordinator, const Clock& clock, state::Records& records,
                         const KeeperOptions& options) {
  coordinator.grace().begin(options.records, options.objects, clock.monotonic_ns(), options.limits.lease_ns,
                            options.hosts_grace_ns);
  coordinator.objects().begin(options.incarnation);
  coordinator.persister().set_records(&records);
  coordinator.set_recall_time(options.limits.lease_ns);
  return coordinator;
}

}  // namespace

Keeper::Keeper(gate::Coordinator& coordinator, const Clock& clock, state::Records& records,
               const KeeperOptions& options)
    : coordinator_(begun(coordinator, clock, records, options)),
      clock_(clock),
      server_owner_(options.server_owner),
      lease_ns_(options.limits.lease_ns),
      holdings_limits_{.opens = options.limits.opens_per_client, .locks = options.limits.locks_per_client},
      incarnation_(options.incarnation),
      clients_(options.limits, options.incarnation, options.key, coordinator.grace(),
               coordinator.persister().tokens()) {
  coordinator_.set_leases(this);
  coordinator_.files().lock_counts().set_limit(options.limits.locks_per_client);
}

// Holdings.

std::shared_ptr<state::Holdings> Keeper::holdings(const state::Client& client) {
  const std::lock_guard lock(mutex_);
  auto& found = holdings_[client.id];
  if (!found) found = std::make_shared<state::Holdings>(client.id, holdings_limits_);
  return found;
}

std::shared_ptr<state::Holdings> Keeper::find_holdings(state::ClientId client) const {
  const std::lock_guard lock(mutex_);
  const auto found = holdings_.find(client);
  return found == holdings_.end() ? nullptr : found->second;
}

bool Keeper::holds_locks(const state::LockState& lock) {
  bool any = false;
  coordinator_.files().with(lock.file,
                            [&](state::FileState& state) { any = state.locks().table().holds_any(lock.holder); });
  return any;
}

lock_owner4 Keeper::name_of(const state::LockOwner& owner) const {
  const auto held = find_holdings(owner.client);
  const auto name = held ? held->lock_owner_name(owner.number) : std::nullopt;
  // RFC 8881, 18.10.4: whom another protocol knows has no client id.
  if (!name) return {.clientid = 0, .owner = xdr::opaque<NFS4_OPAQUE_LIMIT>::copy_of(bytes_of("not NFSv4"))};
  return {.clientid = owner.client, .owner = xdr::opaque<NFS4_OPAQUE_LIMIT>::copy_of(bytes_of(*name))};
}

void Keeper::count_off(state::Client& client, const state::Holdings::Gone& gone) {
  for (std::uint32_t i = 0; i < gone.opens; ++i) client.opens.remove();
  for (std::uint32_t i = 0; i < gone.locks; ++i) client.locks.remove();
  state::ClientEffects effects;
  clients_.freed(client, gone.revoked, effects);
  if (gone.delegations != 0) client.recallable_revoked -= gone.delegations;
  deliver(effects);
}

void Keeper::drop(state::ClientId client) {
  if (callbacks_) callbacks_->drop(client);
  std::shared_ptr<state::Holdings> held;
  {
    const std::lock_guard lock(mutex_);
    const auto found = holdings_.find(client);
    if (found == holdings_.end()) return;
    held = std::move(found->second);
    holdings_.erase(found);
  }
  for (const state::FileKey& file : held->files()) {
    state::Effects effects;
    coordinator_.files().with(file, [&](state::FileState& state) { state.drop_client(client, now(), effects); });
    coordinator_.deliver(effects);
  }
}

// Persisting.

void Keeper::deliver(state::ClientEffects& effects) {
  persist(std::exchange(effects.persist, {}));
  for (const state::ClientGone& gone : std::exchange(effects.gone, {})) drop(gone.client);
  if (std::exchange(effects.grace_over, false)) coordinator_.end_reservations();
  for (const state::OwnerLapsed& lapsed : std::exchange(effects.unconfirmed, {})) {
    const auto held = find_holdings(lapsed.client);
    if (!held) continue;
    for (const std::uint32_t number : held->of_open_owner(lapsed.owner)) {
      const state::Holdings::Closed closed = held->close(number, now());
      if (const auto client = clients_.client(lapsed.client)) count_off(*client, closed.gone);
      state::Effects out;
      coordinator_.files().with(closed.open.file, [&](state::FileState& state) { state.close(closed.open.open, out); });
      coordinator_.deliver(out);
    }
  }
}

Task<void> Keeper::deliver_durably(Executor& home, state::ClientEffects& effects) {
  const state::PersistToken last = effects.persist.empty() ? 0 : effects.persist.back().token;
  deliver(effects);
  // Changes become durable in the order of their tokens.
  if (last != 0) co_await Persisted(*this, home, last);
}

void Keeper::persist(std::vector<state::Persist> changes) {
  if (changes.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    for (const state::Persist& change : changes) unfinished_.insert(change.token);
  }
  coordinator_.persister().add(std::move(changes),
                               [this](state::PersistToken token, bool durable) { finished(token, durable); });
}

bool Keeper::await(state::PersistToken token, gate::TicketWait& wait) {
  const std::lock_guard lock(mutex_);
  if (!unfinished_.contains(token)) return false;
  waiting_.emplace(token, &wait);
  return true;
}

void Keeper::finished(state::PersistToken token, bool durable) {
  state::ClientEffects effects;
  if (durable) {
    clients_.persisted(token, now(), effects);
  } else {
    clients_.failed(token, now());
  }
  deliver(effects);
  std::vector<gate::TicketWait*> resumed;
  {
    const std::lock_guard lock(mutex_);
    unfinished_.erase(token);
    const auto [first, last] = waiting_.equal_range(token);
    for (auto at = first; at != last; ++at) resumed.push_back(at->second);
    waiting_.erase(first, last);
  }
  for (gate::TicketWait* each : resumed) {
    if (!durable) each->refused = state::Refusal::Delay;
    each->home->post(*each);
  }
}

Task<nfsstat4> Keeper::begin_state(Compound& compound, state::Client& client, bool reclaim) {
  const auto allowed = [&] { return reclaim ? clients_.may_reclaim(client) : clients_.may_grant(client); };
  // Who gets nothing gets no record either: the next server would let it reclaim what others may have had since.
  if (const auto now = allowed(); !now) co_return status_of(now.error(), compound.minor);
  for (bool waited = false;; waited = true) {
    state::ClientEffects effects;
    const auto begun = clients_.begin_state(client, effects);
    deliver(effects);
    if (!begun) co_return status_of(begun.error(), compound.minor);
    if (begun->ready) break;
    // It could not be written. Another attempt has begun, which the client finds when it comes again.
    if (waited) co_return NFS4ERR_DELAY;
    co_await Persisted(*this, compound.call.loop, begun->token);
  }
  const auto still = allowed();
  if (still && reclaim) coordinator_.grace().reclaimed(client.key);
  co_return still ? NFS4_OK : status_of(still.error(), compound.minor);
}

gate::Leases::Claim Keeper::claim(state::ClientId client, gate::TicketWait& wait) {
  if (!clients_.client(client)) return Claim::Holds;  // of another protocol
  state::ClientEffects effects;
  const state::Conflict conflict = clients_.claim_conflict(client, now(), effects);
  deliver(effects);
  if (conflict.kind == state::Conflict::Kind::Holds) return Claim::Holds;
  if (conflict.kind == state::Conflict::Kind::Later) return Claim::Later;
  if (conflict.kind == state::Conflict::Kind::Revoking && await(conflict.token, wait)) return Claim::Waits;
  // Decided already; what could not be made durable leaves the client everything.
  return clients_.client(client) ? Claim::Holds : Claim::Gone;
}

void Keeper::seize_if_silent(state::ClientId client) {
  state::ClientEffects effects;
  (void)clients_.claim_conflict(client, now(), effects);
  deliver(effects);
}

bool Keeper::is_reserved(const Place& at, Intent intent) {
  if (coordinator_.grace().phase() == state::Grace::Phase::Over) return false;
  const state::Demand& demand = demand_of(intent == Intent::Read ? state::Operation::Read : state::Operation::Write);
  bool reserved = false;
  coordinator_.files().with(gate::file_key(at.share->file_system(), at.node), [&](state::FileState& state) {
    reserved = state.reserved().forbid(demand, {0, state::ByteRange::end_of_file});
  });
  return reserved;
}

void Keeper::advance() {
  state::ClientEffects effects;
  clients_.advance(now(), effects);
  deliver(effects);
  coordinator_.advance(now());
  if (callbacks_) callbacks_->advance(now());
}

state::Moment Keeper::next_deadline() const { return std::min(clients_.next_deadline(), coordinator_.next_deadline()); }

// Who a COMPOUND is from.

std::expected<std::shared_ptr<state::Client>, nfsstat4> Keeper::client_of(Compound& compound, clientid4 named) {
  if (compound.minor > 0) return compound.session()->client();
  auto client = clients_.renew(named, now());
  if (!client) return std::unexpected(status_of(client.error(), compound.minor));
  came_from(compound, named);
  return *std::move(client);
}

/// Of version 0, where nothing but such an operation says who it is that calls.
void Keeper::came_from(Compound& compound, state::ClientId client) {
  compound.came_from(client);
  if (compound.call.attachment) bind_link(compound).speaks_for = client;
}

std::expected<std::shared_ptr<state::Client>, nfsstat4> Keeper::bearer_of(Compound& compound,
                                                                          const state::StateId& id) {
  if (compound.minor > 0) {
    const auto& client = compound.session()->client();
    // RFC 8881, 8.2.4: another client's stateid is as bad as any.
    if (client->id != id.client) return std::unexpected(NFS4ERR_BAD_STATEID);
    return client;
  }
  // The special ones are nobody's.
  if (id.client == state::nobody || id.client == ~state::ClientId{0}) return std::unexpected(NFS4ERR_BAD_STATEID);
  auto client = clients_.renew(id.client, now());
  if (client) {
    came_from(compound, id.client);
    return *std::move(client);
  }
  if (client.error() != state::Refusal::StaleClientId) {
    return std::unexpected(status_of(client.error(), compound.minor));
  }
  // Of another incarnation, or never ours.
  const bool stale = state::incarnation_of(id.client) != incarnation_;
  return std::unexpected(stale ? NFS4ERR_STALE_STATEID : NFS4ERR_BAD_STATEID);
}

state::Answer<state::Holdings::Used> Keeper::use(Compound& compound, const state::StateId& id,
                                                 const state::FileKey& file) {
  Link* const link = link_of(compound);
  Link::Used* const used = link && compound.minor > 0 ? link->find(*compound.session()) : nullptr;
  if (used && used->holdings) return used->use(id, file);
  auto held = find_holdings(id.client);
  if (!held) return state::refuse(state::Refusal::BadStateId);
  const auto answer = held->use(id, file, zero_of(compound));
  if (used) used->holdings = std::move(held);
  return answer;
}

namespace {

bool lets(const state::Holdings::Used& used, Intent intent) noexcept {
  const state::Share needed = intent == Intent::Read ? state::Share::Read : state::Share::Write;
  return any(used.open.mode.access & needed);
}

}  // namespace

nfsstat4 Keeper::judge_again(state::StateId id, const state::FileKey& file, Intent intent) const {
  const auto held = find_holdings(id.client);
  if (!held) return NFS4ERR_BAD_STATEID;
  id.sequence = 0;
  const auto used = held->use(id, file, state::ZeroSequence::IsCurrent);
  if (!used) return status_of(used.error(), 2);
  return lets(*used, intent) ? NFS4_OK : NFS4ERR_OPENMODE;
}

nfsstat4 Keeper::judge(Compound& compound, const stateid4& stateid, Intent intent) {
  const Place at = *compound.current.place;
  const state::StateId id = stateid_of(stateid);
  if (compound.minor == 0) {
    if (const auto bearer = bearer_of(compound, id); !bearer) return bearer.error();
  } else if (compound.session()->client()->id != id.client) {
    return NFS4ERR_BAD_STATEID;  // RFC 8881, 8.2.4: another client's is as bad as any
  }
  const auto used = use(compound, id, gate::file_key(at.share->file_system(), at.node));
  if (!used) return status_of(used.error(), compound.minor);
  if (!used->open.confirmed) return NFS4ERR_BAD_STATEID;
  if (!lets(*used, intent)) return NFS4ERR_OPENMODE;
  gate::Actor& actor = compound.entrance(*at.share).actor();
  // Whoever else knows the stateid does what his own rights allow (RFC 7530, 16.16.5).
  const bool opener = used->open.opener == compound.call.caller.uid;
  actor.rights = opener ? vfs::IoRights::Opened : vfs::IoRights::Checked;
  actor.as = {.holder = {id.client, {}}, .open = used->open.open, .locks = used->locks};
  return NFS4_OK;
}

// Sessions.

void SessionSlot::end(const BufferChain* reply) noexcept {
  if (!reply || !keep_) return session->finish(number, std::nullopt);
  const Buffer whole = reply->coalesce();
  session->finish(number, whole.bytes());
}

namespace {

std::uint32_t flags_of(const state::SessionStatus& status) noexcept {
  return (status.callback_path_down ? SEQ4_STATUS_CB_PATH_DOWN : 0) |
         (status.callback_path_down_session ? SEQ4_STATUS_CB_PATH_DOWN_SESSION : 0) |
         (status.backchannel_fault ? SEQ4_STATUS_BACKCHANNEL_FAULT : 0) |
         (status.restart_reclaim_needed ? SEQ4_STATUS_RESTART_RECLAIM_NEEDED : 0) |
         (status.recallable_state_revoked ? SEQ4_STATUS_RECALLABLE_STATE_REVOKED : 0) |
         (status.admin_state_revoked ? SEQ4_STATUS_ADMIN_STATE_REVOKED : 0);
}

}  // namespace

SEQUENCE4res Keeper::sequence(Compound& compound, const SEQUENCE4args& args) {
  state::SessionId id;
  std::ranges::copy(args.sa_sessionid, id.bytes.begin());
  Link& link = bind_link(compound);
  Link::Used* const used = link.find(id);
  auto session = used ? used->session : clients_.session(id);
  if (!session) return {.status = NFS4ERR_BADSESSION};
  const state::ChannelAttributes& fore = session->fore();
  if (compound.count > fore.max_operations) return {.status = NFS4ERR_TOO_MANY_OPS};
  if (compound.request_bytes > fore.max_request) return {.status = NFS4ERR_REQ_TOO_BIG};

  state::Session::Noted unknown;
  const auto sequenced = session->sequence({.slot = args.sa_slotid,
                                            .sequence = args.sa_sequenceid,
                                            .highest_slot = args.sa_highest_slotid,
                                            .fingerprint = compound.fingerprint},
                                           link.id, now(), used ? used->noted : unknown);
  if (!sequenced) return {.status = status_of(sequenced.error(), compound.minor)};
  using Kind = state::Sequenced::Kind;
  if (sequenced->kind == Kind::InProgress) return {.status = NFS4ERR_DELAY};
  if (!used) link.keep(session);
  if (sequenced->kind == Kind::Replay) {
    BufferChain again;
    again.append(Buffer::copy_of(*sequenced->reply));
    compound.repeat = std::move(again);
    return {};
  }
  compound.unkept = sequenced->kind == Kind::Unkept;
  if (sequenced->kind == Kind::Execute) {
    compound.slot =
        &compound.session_slot.emplace(std::move(session), args.sa_slotid, args.sa_sequenceid, args.sa_cachethis);
  }
  if (args.sa_cachethis) {
    compound.limit_reply(fore.max_response_cached, NFS4ERR_REP_TOO_BIG_TO_CACHE);
  } else {
    compound.limit_reply(fore.max_response, NFS4ERR_REP_TOO_BIG);
  }
  return {.resok4 = {.sr_sessionid = args.sa_sessionid,
                     .sr_sequenceid = args.sa_sequenceid,
                     .sr_slotid = args.sa_slotid,
                     .sr_highest_slotid = sequenced->highest_slot,
                     .sr_target_highest_slotid = sequenced->target_highest_slot,
                     .sr_status_flags = flags_of(sequenced->status)}};
}

Link& Keeper::bind_link(Compound& compound) {
  if (Link* link = link_of(compound)) return *link;
  const auto fresh = std::make_shared<Link>(coordinator_.new_id());
  if (compound.call.attachment) {
    *compound.call.attachment = fresh;
  } else {
    compound.link = fresh;  // a test's call, by no connection
  }
  return *fresh;
}

}  // namespace ditto::nfs4
