#include "nfs/v4/callbacks/session_calls.hpp"

#include <algorithm>
#include <utility>

#include "nfs/v4/callbacks/security.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using Kind = Delivery::Kind;

sessionid4 wire_of(const state::SessionId& id) noexcept {
  sessionid4 wire;
  std::ranges::copy(id.bytes, wire.begin());
  return wire;
}

bool is_for(const CB_SEQUENCE4resok& answer, const Message::Sent& sent) noexcept {
  return answer.csr_sessionid == wire_of(sent.session->id()) && answer.csr_slotid == sent.slot.slot &&
         answer.csr_sequenceid == sent.slot.sequence;
}

}  // namespace

// CB_SEQUENCE and one operation behind it are the least that makes sense.
bool SessionCalls::can_call(const state::ChannelAttributes& back, const state::CallbackControl& control) {
  return back.max_operations >= 2 && back.max_requests > 0 && security_of(control).has_value();
}

SessionCalls::Way SessionCalls::way_to(const state::Session& session) const {
  for (const state::ConnectionId connection : session.callback_connections()) {
    if (auto remote = channels_->find(connection)) return {connection, std::move(remote)};
  }
  return {};
}

bool SessionCalls::take_slot(state::ClientId client, Message& message) {
  for (const auto& session : clients_.sessions_of(client)) {
    if (!way_to(*session).remote) continue;
    if (const auto slot = session->take_callback_slot()) {
      message.sent = Message::Sent{.session = session, .slot = *slot, .arguments = {}};
      message.sent->arguments = encode(message);
      return true;
    }
  }
  return false;
}

// RFC 8881, 2.10.6.3: as long as the client may not know what is recalled, it is told which reply tells of it.
BufferChain SessionCalls::encode(const Message& message) const {
  const Message::Sent& sent = *message.sent;
  CB_SEQUENCE4args sequence{.csa_sessionid = wire_of(sent.session->id()),
                            .csa_sequenceid = sent.slot.sequence,
                            .csa_slotid = sent.slot.slot,
                            .csa_highest_slotid = sent.slot.highest_slot};
  if (message.request) {
    const auto of = clients_.session(message.request->session);
    if (of && of->may_be_unseen(message.request->slot, message.request->sequence)) {
      referring_call_list4& list = sequence.csa_referring_call_lists.emplace_back();
      list.rcl_sessionid = wire_of(of->id());
      list.rcl_referring_calls.push_back({message.request->sequence, message.request->slot});
    }
  }
  return encode_callback(message.operation, &sequence, 0, sent.session->callback_control().minor_version);
}

Task<Delivery> SessionCalls::send(state::ClientId client, Message& message) {
  // Slots go with their session.
  if (message.sent && !message.sent->session->alive()) message.sent.reset();
  if (!message.sent && !take_slot(client, message)) co_return Delivery{.kind = Kind::NoWay};
  const Message::Sent& sent = *message.sent;
  const auto security = security_of(sent.session->callback_control());
  const Way way = way_to(*sent.session);
  if (!way.remote || !security) {
    if (!sent.doubtful) release(message, false);
    co_return Delivery{.kind = Kind::NoWay};
  }
  if (sent.arguments.size() + call_header_bytes(*security) > sent.session->back().max_request) {
    release(message, false);
    co_return Delivery{.kind = Kind::Never};
  }
  counters_.goes_out(number_of(message.operation));
  rpc::OutgoingCall call{.program = sent.session->callback_control().program,
                         .version = NFS_CB,
                         .procedure = CB_COMPOUND,
                         .identity = security->identity,
                         .arguments = sent.arguments,
                         .deadline_ns = outside_.now_ns() + callback_answer_within};
  const rpc::CallResult result = co_await way.remote->call(std::move(call), outside_.loop());
  if (!result) co_return failed(message, way.connection, result.error().failure);
  const auto answer = decode_callback(*result, true, number_of(message.operation));
  if (!answer) {
    counters_.failed.fetch_add(1);
    co_return fault(message);
  }
  co_return answered(message, way.connection, *answer);
}

Delivery SessionCalls::failed(Message& message, state::ConnectionId connection, rpc::CallFailure failure) {
  using enum rpc::CallFailure;
  Message::Sent& sent = *message.sent;
  const auto doubt = [&](std::atomic<std::uint64_t>& counter) {
    counter.fetch_add(1);
    // The slot is taken until both sides agree on its number, and the client may be away for a while.
    if (!sent.doubtful) message.until = std::max(message.until, outside_.now_ns() + callback_doubt_within);
    sent.doubtful = true;
  };
  switch (failure) {
    case TooMany:
      if (!sent.doubtful) release(message, false);
      return {.kind = Kind::Later};
    case NoMemory: doubt(counters_.lost); return {.kind = Kind::Later};
    case TimedOut:
      doubt(counters_.timed_out);
      sent.session->callbacks_failed(connection);
      return {.kind = Kind::Elsewhere};
    case Gone:
    case Malformed:
      doubt(counters_.lost);
      sent.session->callbacks_failed(connection);
      return {.kind = Kind::Elsewhere};
    case ProgramUnavailable:
    case ProgramMismatch:
    case ProcedureUnavailable:
    case GarbageArguments:
    case SystemError:
    case VersionMismatch:
    case AuthError:
      // RPC itself refused: it was not executed, and will not be there.
      counters_.failed.fetch_add(1);
      sent.session->callbacks_failed(connection);
      if (!sent.doubtful) release(message, false);
      return {.kind = Kind::Elsewhere};
  }
  return {.kind = Kind::Later};
}

Delivery SessionCalls::answered(Message& message, state::ConnectionId connection, const CallbackAnswer& answer) {
  Message::Sent& sent = *message.sent;
  if (answer.sequence == NFS4_OK) {
    if (!is_for(answer.slot, sent)) {
      counters_.failed.fetch_add(1);
      return fault(message);
    }
    sent.session->set_callback_target(answer.slot.csr_target_highest_slotid);
    // RFC 8881, 20.9.3: the client is alive.
    (void)sent.session->client()->lease.renew(outside_.now_ns());
    // What was executed before is not told again, and need not be: it arrived.
    const bool told_before = sent.doubtful && answer.operation == NFS4ERR_RETRY_UNCACHED_REP;
    release(message, true);
    return {.kind = Kind::Answered, .status = told_before ? NFS4_OK : answer.operation, .reported = answer.reported};
  }
  if (answer.sequence == NFS4ERR_RETRY_UNCACHED_REP && sent.doubtful) {
    release(message, true);
    return {.kind = Kind::Answered, .status = NFS4_OK};
  }
  counters_.failed.fetch_add(1);
  switch (answer.sequence) {
    case NFS4ERR_DELAY:
      if (!sent.doubtful) release(message, false);
      return {.kind = Kind::Later};
    case NFS4ERR_CONN_NOT_BOUND_TO_SESSION:
      sent.session->callbacks_failed(connection);
      if (!sent.doubtful) release(message, false);
      return {.kind = Kind::Elsewhere};
    case NFS4ERR_REQ_TOO_BIG:
    case NFS4ERR_REP_TOO_BIG:
    case NFS4ERR_TOO_MANY_OPS: release(message, false); return {.kind = Kind::Never};
    default: return fault(message);
  }
}

void SessionCalls::release(Message& message, bool executed) {
  message.sent->session->free_callback_slot(message.sent->slot, executed);
  message.sent.reset();
}

// RFC 8881, 18.46.3: only a new session helps.
Delivery SessionCalls::fault(Message& message) {
  give_up(message);
  return {.kind = Kind::Elsewhere};
}

void SessionCalls::give_up(Message& message) {
  if (!message.sent) return;
  message.sent->session->lose_callback_slot(message.sent->slot);
  message.sent->session->callback_fault();
  message.sent.reset();
}

}  // namespace ditto::nfs4
