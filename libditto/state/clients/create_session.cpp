// NFSv4.1: CREATE_SESSION and DESTROY_SESSION. RFC 8881, 18.36 and 18.37.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "state/clients/clients.hpp"

namespace ditto::state {
namespace {

// 18.36.3: everything may be lowered for the fore channel. For the callback channel, what the client answers is its
// own.
Answer<SessionCreated> negotiate(const CreateSession& wanted, const ClientLimits& limits) {
  const auto too_small = [&](const ChannelAttributes& channel) {
    return channel.max_request < limits.least_message_bytes || channel.max_response < limits.least_message_bytes;
  };
  if (too_small(wanted.fore) || ((wanted.callbacks || wanted.back.max_request != 0) && too_small(wanted.back))) {
    return refuse(Refusal::TooSmall);
  }
  if (wanted.fore.max_requests == 0 || wanted.fore.max_operations == 0) return refuse(Refusal::Invalid);
  SessionCreated created{
      .sequence = wanted.sequence, .fore = wanted.fore, .back = wanted.back, .callbacks = wanted.callbacks};
  ChannelAttributes& fore = created.fore;
  fore.header_pad = 0;
  created.back.header_pad = 0;
  fore.max_request = std::min(fore.max_request, limits.request_bytes);
  fore.max_response = std::min(fore.max_response, limits.response_bytes);
  fore.max_response_cached = std::min({fore.max_response_cached, limits.cached_bytes, fore.max_response});
  fore.max_operations = std::min(fore.max_operations, limits.operations);
  fore.max_requests = std::min(fore.max_requests, limits.slots);
  created.back.max_response_cached = std::min(created.back.max_response_cached, created.back.max_response);
  return created;
}

}  // namespace

Answer<SessionCreated> Clients::create_session(const CreateSession& wanted, const Principal& principal,
                                               ConnectionId connection, Moment now, ClientEffects& effects) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(wanted.client, Protocol::Nfs41);
  if (!entry) return refuse(Refusal::StaleClientId);
  const bool was_confirmed = entry->confirmed && entry->confirmed->id == wanted.client;
  // Only the first session asks who it is for; before the number is used up, so that nobody uses up somebody else's.
  if (!was_confirmed && entry->unconfirmed->principal != principal) return refuse(Refusal::ClientIdInUse);

  CreateSessionSlot& slot = was_confirmed ? entry->confirmed->book.create : entry->unconfirmed->create;
  if (wanted.sequence == slot.sequence) return slot.answer;
  if (wanted.sequence != slot.sequence + 1) return refuse(Refusal::SequenceMisordered);
  // What can never be good uses up no number.
  const auto negotiated = negotiate(wanted, limits_);
  if (!negotiated) return negotiated;
  if (was_confirmed && !entry->confirmed->lease.renew(now)) return refuse(Refusal::Delay);

  auto client = was_confirmed ? entry->confirmed : make_client(*entry, *entry->unconfirmed, now);
  const auto answer = make_session(wanted, *negotiated, client, connection, now);
  CreateSessionSlot& kept = was_confirmed || answer ? client->book.create : slot;
  kept = {.sequence = wanted.sequence, .answer = answer};
  if (answer && !was_confirmed) confirm(*entry, std::move(client), effects);
  return answer;
}

Answer<SessionCreated> Clients::make_session(const CreateSession& wanted, SessionCreated created,
                                             const std::shared_ptr<Client>& client, ConnectionId connection,
                                             Moment now) {
  if (client->book.sessions.size() >= limits_.sessions_per_client) return refuse(Refusal::TooManySessions);
  if (replies_.is_short()) trim_sessions(now);
  created.id = new_session_id(client->id);
  const auto session = Session::make(client, created, wanted.control, limits_, replies_);
  if (!session) return refuse(Refusal::NoReplySpace);
  [[maybe_unused]] const auto bound =
      session->bind(connection, wanted.callbacks ? Direction::ForeOrBoth : Direction::Fore);
  sessions_.insert(created.id, session);
  client->book.sessions.push_back(session);
  return created;
}

SessionId Clients::new_session_id(ClientId client) {
  SessionId id;
  const Verifier unguessable = secret(client);
  const auto number = static_cast<std::uint32_t>(secrets_);
  std::memcpy(id.bytes.data(), &client, sizeof client);
  std::memcpy(id.bytes.data() + 8, &number, sizeof number);
  std::memcpy(id.bytes.data() + 12, &unguessable, 4);
  return id;
}

// Asked at most once a second: clients must be given time to use what they have.
void Clients::trim_sessions(Moment now) {
  if (now < trim_at_) return;
  trim_at_ = after(now, 1'000'000'000);
  for (const auto& [key, entry] : entries_) {
    if (!entry.confirmed) continue;
    for (const auto& session : entry.confirmed->book.sessions) session->trim();
  }
}

std::vector<std::shared_ptr<Session>> Clients::sessions_of(ClientId id) const {
  const std::lock_guard lock(mutex_);
  const auto client = clients_.find(id);
  return client ? client->book.sessions : std::vector<std::shared_ptr<Session>>();
}

Answer<void> Clients::destroy_session(const SessionId& id, ConnectionId connection) {
  const std::lock_guard lock(mutex_);
  const auto session = sessions_.find(id);
  if (!session) return refuse(Refusal::BadSession);
  if (!session->is_bound(connection)) return refuse(Refusal::ConnectionNotBound);
  // Without a way to the client their answers would never come.
  if (session->callbacks_in_flight() && session->has_callback_path()) return refuse(Refusal::CallbacksPending);
  std::erase(session->client()->book.sessions, session);
  sessions_.erase(id);
  session->end();
  return {};
}

}  // namespace ditto::state
