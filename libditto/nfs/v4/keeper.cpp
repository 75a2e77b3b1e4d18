#include "nfs/v4/keeper.hpp"

#include <algorithm>
#include <utility>

#include "nfs/v4/link.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

Keeper::Keeper(gate::Coordinator& coordinator, const Clock& clock, Records& records, KeeperOptions options)
    : coordinator_(coordinator),
      clock_(clock),
      records_(records),
      server_owner_(std::move(options.server_owner)),
      lease_ns_(options.limits.lease_ns),
      incarnation_(options.incarnation),
      clients_(options.limits, options.incarnation, options.key, options.records, clock.monotonic_ns()) {}

// Holdings.

std::shared_ptr<state::Holdings> Keeper::holdings(const state::Client& client) {
  const std::lock_guard lock(mutex_);
  auto& found = holdings_[client.id];
  if (!found) found = std::make_shared<state::Holdings>(client.id, state::Holdings::Limits{});
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

void Keeper::drop(state::ClientId client) {
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

class Keeper::Persisted : Job {
 public:
  Persisted(Keeper& keeper, Executor& home, state::PersistToken token) noexcept
      : keeper_(keeper), home_(home), token_(token) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    run = [](Job* self) { static_cast<Persisted*>(self)->awaiter_.resume(); };
    const std::lock_guard lock(keeper_.mutex_);
    if (!keeper_.unfinished_.contains(token_)) return false;
    keeper_.waiting_.emplace(token_, this);
    return true;
  }
  void await_resume() const noexcept {}
  void resume() { home_.post(*this); }

 private:
  Keeper& keeper_;
  Executor& home_;
  const state::PersistToken token_;
  std::coroutine_handle<> awaiter_;
};

void Keeper::deliver(state::ClientEffects& effects) {
  persist(std::exchange(effects.persist, {}));
  for (const state::ClientGone& gone : std::exchange(effects.gone, {})) drop(gone.client);
  for (const state::OwnerLapsed& lapsed : std::exchange(effects.unconfirmed, {})) {
    const auto held = find_holdings(lapsed.client);
    if (!held) continue;
    for (const std::uint32_t number : held->of_open_owner(lapsed.owner)) {
      const state::Holdings::Closed closed = held->close(number, now());
      if (const auto client = clients_.client(lapsed.client)) client->opens.remove();
      state::Effects out;
      coordinator_.files().with(closed.open.file, [&](state::FileState& state) { state.close(closed.open.open, out); });
      coordinator_.deliver(out);
    }
  }
}

void Keeper::persist(std::vector<state::Persist> changes) {
  std::vector<state::Persist> ready;
  {
    const std::lock_guard lock(mutex_);
    for (state::Persist& change : changes) {
      unfinished_.insert(change.token);
      held_back_.emplace(change.token, std::move(change));
    }
    for (auto next = held_back_.find(next_to_apply_); next != held_back_.end();
         next = held_back_.find(next_to_apply_)) {
      ready.push_back(std::move(next->second));
      held_back_.erase(next);
      ++next_to_apply_;
    }
  }
  for (const state::Persist& change : ready) {
    records_.apply(change, [this, token = change.token](bool durable) { finished(token, durable); });
  }
}

void Keeper::finished(state::PersistToken token, bool durable) {
  state::ClientEffects effects;
  if (durable) {
    clients_.persisted(token, effects);
  } else {
    clients_.failed(token, now());
  }
  deliver(effects);
  std::vector<Persisted*> resumed;
  {
    const std::lock_guard lock(mutex_);
    unfinished_.erase(token);
    const auto [first, last] = waiting_.equal_range(token);
    for (auto at = first; at != last; ++at) resumed.push_back(at->second);
    waiting_.erase(first, last);
  }
  for (Persisted* each : resumed) each->resume();
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
  co_return still ? NFS4_OK : status_of(still.error(), compound.minor);
}

Task<bool> Keeper::yields(Compound& compound, state::ClientId in_the_way, state::ClientId own) {
  if (in_the_way == state::nobody || in_the_way == own || !clients_.client(in_the_way)) co_return false;
  for (bool waited = false;; waited = true) {
    state::ClientEffects effects;
    const state::Conflict conflict = clients_.claim_conflict(in_the_way, now(), effects);
    deliver(effects);
    if (conflict.kind != state::Conflict::Kind::Revoking) co_return conflict.kind == state::Conflict::Kind::Gone;
    // The mark could not be written, and it keeps what it has for now.
    if (waited) co_return false;
    co_await Persisted(*this, compound.call.loop, conflict.token);
  }
}

void Keeper::advance() {
  state::ClientEffects effects;
  clients_.advance(now(), effects);
  deliver(effects);
  coordinator_.advance(now());
}

state::Moment Keeper::next_deadline() const { return std::min(clients_.next_deadline(), coordinator_.next_deadline()); }

// Who a COMPOUND is from.

std::expected<std::shared_ptr<state::Client>, nfsstat4> Keeper::client_of(Compound& compound, clientid4 named) {
  if (compound.minor > 0) return compound.session()->client();
  auto client = clients_.renew(named, now());
  if (!client) return std::unexpected(status_of(client.error(), compound.minor));
  return *std::move(client);
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
  if (client) return *std::move(client);
  if (client.error() != state::Refusal::StaleClientId) {
    return std::unexpected(status_of(client.error(), compound.minor));
  }
  // Of another incarnation, or never ours.
  const bool stale = state::incarnation_of(id.client) != incarnation_;
  return std::unexpected(stale ? NFS4ERR_STALE_STATEID : NFS4ERR_BAD_STATEID);
}

Task<nfsstat4> Keeper::judge(Compound& compound, const stateid4& stateid, Intent intent) {
  const Place at = *compound.current.place;
  const state::StateId id = stateid_of(stateid);
  const auto bearer = bearer_of(compound, id);
  if (!bearer) co_return bearer.error();
  const auto held = find_holdings(id.client);
  if (!held) co_return NFS4ERR_BAD_STATEID;
  const auto used = held->use(id, gate::file_key(at.share->file_system(), at.node), zero_of(compound));
  if (!used) co_return status_of(used.error(), compound.minor);
  if (used->open.sequencer && !used->open.sequencer->confirmed()) co_return NFS4ERR_BAD_STATEID;
  const state::Share needed = intent == Intent::Read ? state::Share::Read : state::Share::Write;
  if (!any(used->open.mode.access & needed)) co_return NFS4ERR_OPENMODE;
  gate::Actor& actor = compound.entrance(*at.share).actor();
  // Whoever else knows the stateid does what his own rights allow (RFC 7530, 16.16.5).
  const bool opener = used->open.opener == compound.call.caller.uid;
  actor.rights = opener ? vfs::IoRights::Opened : vfs::IoRights::Checked;
  actor.as = {.holder = {id.client, {}}, .open = used->open.open, .locks = used->locks};
  co_return NFS4_OK;
}

// Sessions.

void SessionSlot::end(const BufferChain* reply) noexcept {
  if (!reply || !keep_) return session->finish(number_, std::nullopt);
  const Buffer whole = reply->coalesce();
  session->finish(number_, whole.bytes());
}

std::shared_ptr<state::Session> Keeper::find_session(Compound& compound, const sessionid4& wire) {
  state::SessionId id;
  std::ranges::copy(wire, id.bytes.begin());
  Link* link = link_of(compound);
  if (link) {
    if (auto session = link->find(id)) return session;
  }
  return clients_.session(id);
}

namespace {

std::uint32_t flags_of(const state::SessionStatus& status) noexcept {
  return (status.callback_path_down ? SEQ4_STATUS_CB_PATH_DOWN : 0) |
         (status.callback_path_down_session ? SEQ4_STATUS_CB_PATH_DOWN_SESSION : 0) |
         (status.restart_reclaim_needed ? SEQ4_STATUS_RESTART_RECLAIM_NEEDED : 0) |
         (status.recallable_state_revoked ? SEQ4_STATUS_RECALLABLE_STATE_REVOKED : 0) |
         (status.admin_state_revoked ? SEQ4_STATUS_ADMIN_STATE_REVOKED : 0);
}

}  // namespace

Task<SEQUENCE4res> Keeper::sequence(Compound& compound, const SEQUENCE4args& args) {
  const auto session = find_session(compound, args.sa_sessionid);
  if (!session) co_return SEQUENCE4res{.status = NFS4ERR_BADSESSION};
  const state::ChannelAttributes& fore = session->fore();
  if (compound.count > fore.max_operations) co_return SEQUENCE4res{.status = NFS4ERR_TOO_MANY_OPS};
  if (compound.request_bytes > fore.max_request) co_return SEQUENCE4res{.status = NFS4ERR_REQ_TOO_BIG};

  Link& link = bind_link(compound);
  const auto sequenced = session->sequence({.slot = args.sa_slotid,
                                            .sequence = args.sa_sequenceid,
                                            .highest_slot = args.sa_highest_slotid,
                                            .fingerprint = compound.fingerprint},
                                           link.id, now());
  if (!sequenced) co_return SEQUENCE4res{.status = status_of(sequenced.error(), compound.minor)};
  using Kind = state::Sequenced::Kind;
  if (sequenced->kind == Kind::InProgress) co_return SEQUENCE4res{.status = NFS4ERR_DELAY};
  if (!link.find(session->id())) link.keep(session);
  if (sequenced->kind == Kind::Replay) {
    BufferChain again;
    again.append(Buffer::copy_of(*sequenced->reply));
    compound.repeat = std::move(again);
    co_return SEQUENCE4res{};
  }
  compound.unkept = sequenced->kind == Kind::Unkept;
  if (sequenced->kind == Kind::Execute) {
    compound.slot = &compound.session_slot.emplace(session, args.sa_slotid, args.sa_cachethis);
  }
  if (args.sa_cachethis) {
    compound.limit_reply(fore.max_response_cached, NFS4ERR_REP_TOO_BIG_TO_CACHE);
  } else {
    compound.limit_reply(fore.max_response, NFS4ERR_REP_TOO_BIG);
  }
  co_return SEQUENCE4res{.resok4 = {.sr_sessionid = args.sa_sessionid,
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
