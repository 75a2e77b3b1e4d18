#include "nfs/v4/callbacks/dialled_paths.hpp"

#include <algorithm>
#include <utility>

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using Kind = Delivery::Kind;

constexpr state::Moment dial_within = 5 * state::one_second;
constexpr std::uint32_t first_program = 0x40000000, last_program = 0x5fffffff;

std::optional<rpc::Destination> destination_of(const state::CallbackAddress& address) {
  auto destination = rpc::destination_of(address.netid, address.address);
  if (destination && destination->protocol != rpc::portmap::Protocol::Tcp) return std::nullopt;
  return destination;
}

/// As who introduced himself, since that is whom the client expects (RFC 7530, 3.3.3).
std::optional<rpc::SysIdentity> identity_of(const state::Principal& principal, const std::string& own_name) {
  const Bytes bytes = bytes_of(principal);
  if (bytes.size() < 2 * sizeof(std::uint32_t)) return std::nullopt;
  const auto flavor = static_cast<rpc::AuthFlavor>(load_be<std::uint32_t>(bytes.data()));
  if (flavor != rpc::AuthFlavor::Sys) return std::nullopt;
  const auto uid = load_be<std::uint32_t>(bytes.data() + sizeof(std::uint32_t));
  return rpc::SysIdentity{.machine_name = own_name, .caller = {.uid = uid, .gid = uid}};
}

}  // namespace

state::CallbackAddress callback_address_of(const SETCLIENTID4args& args, const rpc::Peer& peer) {
  state::CallbackAddress address{.program = args.callback.cb_program,
                                 .ident = args.callback_ident,
                                 .netid = std::string(args.callback.cb_location.na_r_netid.view()),
                                 .address = std::string(args.callback.cb_location.na_r_addr.view())};
  const auto destination = destination_of(address);
  const bool transient = address.program >= first_program && address.program <= last_program;
  if (destination && transient && destination->endpoint.address == peer.address) return address;
  return {.program = address.program, .ident = address.ident, .netid = {}, .address = {}};
}

void DialledPaths::set(const state::Client& client, const state::CallbackAddress& address, state::Moment now) {
  const auto destination = destination_of(address);
  const std::lock_guard lock(mutex_);
  if (!destination) {
    paths_.erase(client.id);
    return;
  }
  Path& path = paths_[client.id];
  if (path.address == address && path.standing != Standing::Down) return;
  path = {.destination = *destination,
          .program = address.program,
          .ident = address.ident,
          .identity = identity_of(client.principal, outside_.own_name()),
          .address = address,
          .next_try = now};
}

DialledPaths::Standing DialledPaths::standing(state::ClientId client) const {
  const std::lock_guard lock(mutex_);
  const auto found = paths_.find(client);
  return found == paths_.end() ? Standing::None : found->second.standing;
}

void DialledPaths::need(state::ClientId client, state::Moment now) {
  const std::lock_guard lock(mutex_);
  const auto found = paths_.find(client);
  if (found == paths_.end()) return;
  Path& path = found->second;
  if (path.standing == Standing::Down && path.tries >= most_tries && path.next_try <= now) path.tries = most_tries - 1;
}

void DialledPaths::drop(state::ClientId client) {
  const std::lock_guard lock(mutex_);
  paths_.erase(client);
}

std::vector<state::ClientId> DialledPaths::take_due(state::Moment now) {
  std::vector<state::ClientId> due;
  const std::lock_guard lock(mutex_);
  for (auto& [client, path] : paths_) {
    if (trying_ + due.size() >= most_at_once) break;
    if (path.standing == Standing::Up || path.trying || path.next_try > now || path.tries >= most_tries) continue;
    path.trying = true;
    due.push_back(client);
  }
  trying_ += due.size();
  return due;
}

std::optional<DialledPaths::Path> DialledPaths::find(state::ClientId client) const {
  const std::lock_guard lock(mutex_);
  const auto found = paths_.find(client);
  return found == paths_.end() ? std::nullopt : std::optional(found->second);
}

Task<std::shared_ptr<rpc::Remote>> DialledPaths::connect(const Path& path) {
  if (outside_.closed()) co_return nullptr;
  auto dialed = co_await dialer_.dial(path.destination, outside_.now_ns() + dial_within, outside_.loop());
  co_return dialed ? *std::move(dialed) : nullptr;
}

rpc::OutgoingCall DialledPaths::call_of(const Path& path, std::uint32_t procedure, BufferChain arguments) const {
  return {.program = path.program,
          .version = NFS_CB,
          .procedure = procedure,
          .identity = path.identity,
          .arguments = std::move(arguments),
          .deadline_ns = outside_.now_ns() + callback_answer_within};
}

void DialledPaths::tried(state::ClientId client, const Path& path, bool up) {
  const std::lock_guard lock(mutex_);
  const auto found = paths_.find(client);
  if (found == paths_.end() || found->second.address != path.address) return;
  Path& now = found->second;
  now.standing = up ? Standing::Up : Standing::Down;
  now.tries = up ? 0 : std::min(now.tries + 1, most_tries);
  const state::Moment pause = std::min(state::one_second << (now.tries - (up ? 0 : 1)), longest_pause);
  now.next_try = outside_.now_ns() + (now.tries >= most_tries ? longest_pause : pause);
}

Task<bool> DialledPaths::probe(state::ClientId client) {
  const auto path = find(client);
  bool up = false;
  if (path) {
    counters_.probes.fetch_add(1);
    if (const auto remote = co_await connect(*path)) {
      const rpc::CallResult answered = co_await remote->call(call_of(*path, CB_NULL, {}), outside_.loop());
      up = answered && answered->empty();
    }
    if (!up) counters_.probes_failed.fetch_add(1);
    tried(client, *path, up);
  }
  co_return up;
}

void DialledPaths::end_try(state::ClientId client) {
  const std::lock_guard lock(mutex_);
  --trying_;
  if (const auto found = paths_.find(client); found != paths_.end()) found->second.trying = false;
}

Task<std::shared_ptr<rpc::Remote>> DialledPaths::dial(state::ClientId client) {
  const auto path = find(client);
  if (!path || (path->standing == Standing::Down && path->next_try > outside_.now_ns())) co_return nullptr;
  auto remote = co_await connect(*path);
  if (!remote) tried(client, *path, false);
  co_return remote;
}

Task<Delivery> DialledPaths::send(std::shared_ptr<rpc::Remote> remote, state::ClientId client, Message& message) {
  const auto path = find(client);
  if (!path) co_return Delivery{.kind = Kind::NoWay};
  counters_.goes_out(number_of(message.operation));
  const rpc::CallResult result = co_await remote->call(
      call_of(*path, CB_COMPOUND, encode_callback(message.operation, nullptr, path->ident)), outside_.loop());
  if (!result) {
    using enum rpc::CallFailure;
    const rpc::CallFailure failure = result.error().failure;
    (failure == TimedOut ? counters_.timed_out : failure == Gone ? counters_.lost : counters_.failed).fetch_add(1);
    tried(client, *path, false);
    co_return Delivery{.kind = Kind::NoWay};
  }
  const auto answer = decode_callback(*result, false, number_of(message.operation));
  if (!answer) {
    counters_.failed.fetch_add(1);
    co_return Delivery{.kind = Kind::Later};
  }
  tried(client, *path, true);
  co_return Delivery{.kind = Kind::Answered, .status = answer->operation, .reported = answer->reported};
}

}  // namespace ditto::nfs4
