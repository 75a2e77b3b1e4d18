#include "nfs/v4/callbacks/callbacks.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "gate/operation.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using Kind = Delivery::Kind;

/// Before a client that said DELAY is asked again.
constexpr state::Moment pause = state::one_second;
/// How often a client may say that it does not know what is recalled, before it is believed: the reply that told it may
/// be on its way.
constexpr std::uint32_t most_refusals = 3;
/// How long a holder may keep us from what it keeps to itself, before it is recalled.
constexpr state::Moment report_within = 2 * state::one_second;
/// How long who has a delegation of a directory may keep us from telling what happened there, before it is recalled.
constexpr state::Moment notice_within = 10 * state::one_second;
/// Of a CB_COMPOUND: RPC's header with a full credential, CB_SEQUENCE, and what CB_NOTIFY says beside its changes.
constexpr std::size_t notice_frame_bytes = 1024;

/// A delegation to write is over, and so is what is on record of it.
void forget_promise(gate::Coordinator& coordinator, state::GrantId grant) {
  state::Effects effects;
  effects.push_back(state::Lessened{grant, {}});
  coordinator.deliver(effects);
}

bool is_dialled(const state::Client& client) noexcept { return client.key.protocol == state::Protocol::Nfs40; }

bool knows_nothing_of_it(nfsstat4 status) noexcept {
  return status == NFS4ERR_BADHANDLE || status == NFS4ERR_BAD_STATEID;
}

}  // namespace

Callbacks::Callbacks(Keeper& keeper, nfs::Outside& outside, rpc::Dialer& dialer)
    : keeper_(keeper),
      outside_(outside),
      session_calls_(keeper.clients(), outside, counters_),
      dialled_paths_(dialer, outside, counters_) {
  keeper_.set_callbacks(this);
  keeper_.coordinator().set_callbacks(this);
}

Callbacks::~Callbacks() {
  keeper_.set_callbacks(nullptr);
  keeper_.coordinator().set_callbacks(nullptr);
}

// What state/ wants done.

void Callbacks::recall(const state::Recall& recall) {
  const auto delegated = delegations_.find(recall.grant);
  if (!delegated) return;  // of another protocol
  directories_.end(recall.grant);
  delegations_.count_recalled(delegated->kind, recall.file, keeper_.now());
  const auto client = keeper_.clients().client(delegated->client);
  if (client && is_dialled(*client)) dialled_paths_.need(client->id, keeper_.now());
  enqueue(delegated->client, {.operation = CB_RECALL4args{.stateid = delegated->stateid, .fh = delegated->handle},
                              .grant = recall.grant,
                              .file = recall.file,
                              .request = delegated->request,
                              .until = keeper_.now() + keeper_.coordinator().recall_time(),
                              .sent = {}});
  if (client) keeper_.seize_if_silent(client->id);
}

void Callbacks::query(const state::Query& query) {
  const auto delegated = delegations_.find(query.grant);
  const auto client = delegated ? keeper_.clients().client(delegated->client) : nullptr;
  if (!client) return;
  delegations_.count_asked();
  if (is_dialled(*client)) dialled_paths_.need(client->id, keeper_.now());
  enqueue(client->id, {.operation = ask_for_report(delegated->handle),
                       .grant = query.grant,
                       .file = query.file,
                       .request = delegated->request,
                       .until = keeper_.now() + report_within,
                       .sent = {}});
  keeper_.seize_if_silent(client->id);
}

void Callbacks::revoked(const state::Revoked& revoked) {
  const auto delegated = delegations_.find(revoked.grant);
  if (!delegated) return;
  queues_.cancel_recall(delegated->client, revoked.grant);
  if (!forget_grant(delegated->client, revoked.grant)) return;
  delegations_.count_revoked(delegated->kind);
  const auto client = keeper_.clients().client(delegated->client);
  const auto held = keeper_.find_holdings(delegated->client);
  if (!client || !held) return;
  // Version 0 has no way to acknowledge it.
  const bool stays = !is_dialled(*client);
  if (stays) client->recallable_revoked.fetch_add(1);
  if (!held->revoke_delegation(stateid_of(delegated->stateid).number, stays) && stays) --client->recallable_revoked;
}

void Callbacks::lock_available(const state::LockAvailable& available) {
  const auto handle = lock_waits_.take(available.file, available.owner);
  if (!handle) return;
  lock_owner4 owner = keeper_.name_of(available.owner);
  if (owner.clientid == 0) return;  // its name is forgotten
  enqueue(available.owner.client, {.operation = CB_NOTIFY_LOCK4args{*handle, std::move(owner)},
                                   .file = available.file,
                                   .until = keeper_.now() + state::LockQueue::reservation,
                                   .sent = {}});
}

bool Callbacks::forget_grant(state::ClientId client, state::GrantId grant) {
  directories_.end(grant);
  const auto delegated = delegations_.find(grant);
  if (!delegations_.forget(grant)) return false;
  if (delegated && delegated->kind == DelegationKind::Write) forget_promise(keeper_.coordinator(), grant);
  if (const auto holder = keeper_.clients().client(client)) holder->grants.remove();
  return true;
}

void Callbacks::returned(const state::FileKey& file, state::GrantId grant) {
  if (const auto delegated = delegations_.find(grant)) delegations_.count_returned(delegated->kind);
  withdraw(file, grant);
}

void Callbacks::withdraw(const state::FileKey& file, state::GrantId grant) {
  directories_.end(grant);
  const auto delegated = delegations_.find(grant);
  if (delegated && forget_grant(delegated->client, grant)) {
    queues_.cancel_recall(delegated->client, grant);
    if (const auto held = keeper_.find_holdings(delegated->client)) {
      held->end_delegation(stateid_of(delegated->stateid).number);
    }
  }
  // Also what was granted to a client that had gone meanwhile.
  state::Effects effects;
  keeper_.coordinator().files().with(file, [&](state::FileState& state) { (void)state.give_back(grant, effects); });
  keeper_.coordinator().deliver(effects);
}

void Callbacks::ask_back(const state::FileKey& file, state::GrantId grant) {
  const state::Moment by = keeper_.now() + keeper_.coordinator().recall_time();
  state::Effects effects;
  keeper_.coordinator().files().with(file, [&](state::FileState& state) { state.ask_back(grant, by, effects); });
  keeper_.coordinator().deliver(effects);
}

void Callbacks::take(const state::FileKey& file, state::GrantId grant) {
  state::Effects effects;
  keeper_.coordinator().files().with(file, [&](state::FileState& state) { (void)state.revoke(grant, effects); });
  keeper_.coordinator().deliver(effects);
}

void Callbacks::notify(const Delegated& delegated, state::GrantId grant, const state::FileKey& file,
                       CB_NOTIFY4args told) {
  delegations_.count_notices(told.cna_changes.size());
  enqueue(delegated.client, {.operation = std::move(told),
                             .grant = grant,
                             .file = file,
                             .request = delegated.request,
                             .until = keeper_.now() + notice_within,
                             .sent = {}});
}

void Callbacks::tell(state::ClientId client, CB_OFFLOAD4args told, std::optional<Delegated::Request> by,
                     state::Moment until) {
  enqueue(client, {.operation = std::move(told), .file = {}, .request = by, .until = until, .sent = {}});
}

std::size_t Callbacks::bytes_for(state::ClientId client) const {
  std::size_t most = max_notify_bytes;
  for (const auto& session : keeper_.clients().sessions_of(client)) {
    most = std::min<std::size_t>(most, session->back().max_request);
  }
  return most > notice_frame_bytes ? most - notice_frame_bytes : 0;
}

// What clients do.

void Callbacks::confirmed(state::ClientId id) {
  const auto client = keeper_.clients().client(id);
  const auto address = keeper_.clients().callback_address(id);
  if (!client || !address) return;
  dialled_paths_.set(*client, *address, keeper_.now());
  post(outside_.loop(), [this] { probe_due(keeper_.now()); });
}

bool Callbacks::reaches(const state::Client& client) const {
  if (is_dialled(client)) return dialled_paths_.standing(client.id) == DialledPaths::Standing::Up;
  return client.callback_paths.load() > 0;
}

bool Callbacks::path_is_missed(const state::Client& client) {
  if (client.grants.count() == 0) return false;
  using enum DialledPaths::Standing;
  const auto standing = dialled_paths_.standing(client.id);
  if (standing != Down && standing != None) return false;
  dialled_paths_.need(client.id, keeper_.now());
  return true;
}

void Callbacks::drop(state::ClientId client) {
  queues_.drop(client);
  lock_waits_.drop(client);
  for (const state::GrantId grant : delegations_.drop(client)) forget_promise(keeper_.coordinator(), grant);
  directories_.drop(client);
  offloads_.drop(client);
  dialled_paths_.drop(client);
}

void Callbacks::advance(state::Moment now) {
  if (outside_.closed()) return;
  lock_waits_.advance(now);
  offloads_.advance(now);
  for (Message& over : queues_.expire(now)) {
    SessionCalls::give_up(over);
    lost(over);
  }
  probe_due(now);
  for (const state::ClientId client : queues_.clients()) start(client);
}

// Delivering.

void Callbacks::enqueue(state::ClientId id, Message message) {
  const auto client = keeper_.clients().client(id);
  if (!client) return;
  // One connection is dialled for all of a client's; in a session there is a slot for each.
  const std::uint32_t workers = is_dialled(*client) ? 1 : state::CallbackSlots::most;
  const Message copy{
      .operation = message.operation, .grant = message.grant, .file = message.file, .request = {}, .sent = {}};
  if (!queues_.add(id, workers, std::move(message))) lost(copy);
  start(id);
}

void Callbacks::start(state::ClientId client) {
  for (std::uint32_t workers = queues_.start(client, keeper_.now()); workers > 0; --workers) {
    post(outside_.loop(), [this, client] { work(client); });
  }
}

void Callbacks::probe_due(state::Moment now) {
  if (outside_.closed()) return;
  for (const state::ClientId client : dialled_paths_.take_due(now)) probe(client);
}

Detached Callbacks::probe(state::ClientId client) {
  const nfs::Outside::Errand errand(outside_);
  bool up = false;
  try {
    if (errand) up = co_await dialled_paths_.probe(client);
  } catch (const std::exception&) {
    // No memory for it: it stays as it was.
  }
  dialled_paths_.end_try(client);
  if (up) start(client);
}

Detached Callbacks::work(state::ClientId id) {
  const nfs::Outside::Errand errand(outside_);
  bool told = false;
  try {
    const auto client = keeper_.clients().client(id);
    if (errand && client && !outside_.closed()) {
      told = co_await (is_dialled(*client) ? work_by_dialling(id) : work_by_sessions(id));
    }
  } catch (const std::exception&) {
    // No memory for it: what was in hand is lost, as if on its way.
  }
  if (!told) queues_.stop(id);
}

Task<bool> Callbacks::work_by_sessions(state::ClientId client) {
  while (auto message = queues_.next(client, keeper_.now())) {
    Delivery delivery;
    try {
      do {
        delivery = co_await session_calls_.send(client, *message);
      } while (delivery.kind == Kind::Elsewhere && !outside_.closed());
    } catch (const std::exception&) {
      SessionCalls::give_up(*message);
      lost(*message);
      throw;
    }
    if (!settle(client, *std::move(message), delivery)) co_return false;
  }
  co_return true;
}

Task<bool> Callbacks::work_by_dialling(state::ClientId client) {
  const auto remote = co_await dialled_paths_.dial(client);
  if (!remote) co_return false;
  while (auto message = queues_.next(client, keeper_.now())) {
    Delivery delivery;
    try {
      delivery = co_await dialled_paths_.send(remote, client, *message);
    } catch (const std::exception&) {
      lost(*message);
      throw;
    }
    if (!settle(client, *std::move(message), delivery)) co_return false;
  }
  co_return true;
}

bool Callbacks::settle(state::ClientId client, Message message, const Delivery& delivery) {
  switch (delivery.kind) {
    case Kind::Answered:
      if (answered(message, delivery)) return true;
      break;
    case Kind::Later: break;
    case Kind::Never: lost(message); return true;
    case Kind::Elsewhere:
    case Kind::NoWay: queues_.put_back(client, std::move(message)); return false;
  }
  message.not_before = keeper_.now() + pause;
  queues_.put_back(client, std::move(message));
  return true;
}

void Callbacks::lost(const Message& message) {
  counters_.dropped.fetch_add(1);
  if (number_of(message.operation) == nfs_cb_opnum4::OP_CB_NOTIFY) directories_.answered(message.grant, false);
  if (number_of(message.operation) != nfs_cb_opnum4::OP_CB_GETATTR) return;
  keeper_.coordinator().told(message.file, message.grant, std::nullopt, keeper_.now());
}

/// RFC 8881, 10.4.3: what the client's counter says is another one once there is something that it has not written yet.
void Callbacks::report(const Message& message, const Delivery& delivery) {
  std::optional<state::Kept> kept;
  const auto delegated = delegations_.find(message.grant);
  if (delegated && delivery.reported) {
    kept = {.modified = delivery.reported->change != delegated->change, .size = delivery.reported->size};
  }
  keeper_.coordinator().told(message.file, message.grant, kept, keeper_.now());
}

bool Callbacks::answered(Message& message, const Delivery& delivery) {
  const nfsstat4 status = delivery.status;
  (status == NFS4_OK ? counters_.answered : counters_.failed).fetch_add(1);
  if (number_of(message.operation) == nfs_cb_opnum4::OP_CB_GETATTR) {
    if (status == NFS4ERR_DELAY) return false;
    report(message, delivery);
    return true;
  }
  if (number_of(message.operation) == nfs_cb_opnum4::OP_CB_NOTIFY && status != NFS4ERR_DELAY) {
    directories_.answered(message.grant, status == NFS4_OK);
    return true;
  }
  if (const auto* told = std::get_if<CB_OFFLOAD4args>(&message.operation); told && status != NFS4ERR_DELAY) {
    // Its answer to COPY may be on its way.
    if (knows_nothing_of_it(status) && ++message.refusals < most_refusals) return false;
    offloads_.told(stateid_of(told->coa_stateid));  // RFC 7862, 4.8: whatever the answer is
    return true;
  }
  if (status == NFS4_OK) return true;
  if (status == NFS4ERR_DELAY || status == NFS4ERR_RESOURCE) return false;
  if (message.grant == 0) return true;  // who is told of a lock polls all the same
  if (++message.refusals < most_refusals) return false;
  // RFC 8881, 20.2.4: the answer completes the recall. Whatever else a client may mean, its time runs out.
  if (knows_nothing_of_it(status)) withdraw(message.file, message.grant);
  return true;
}

}  // namespace ditto::nfs4
