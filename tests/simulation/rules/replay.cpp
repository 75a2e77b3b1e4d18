#include "rules/replay.hpp"

#include <algorithm>

#include "clients/results.hpp"
#include "nfs/v4/in_sequence.hpp"
#include "nfs/v4/messages/filehandles.hpp"
#include "nfs/v4/messages/open.hpp"
#include "nfs/v4/messages/sessions.hpp"

namespace ditto::sim::rules {
namespace {

using enum nfs4::nfsstat4;

std::uint64_t mixed(std::uint64_t sum, std::uint64_t next) {
  sum = (sum ^ next) * 0x9e3779b97f4a7c15U;
  return sum ^ sum >> 29U;
}

/// All that anybody holds, as one number.
std::uint64_t held_in(const World& world) {
  std::uint64_t sum = 0;
  world.coordinator().files().each([&](const state::FileKey& key, const state::FileState& file) {
    sum = mixed(sum, key.inode);
    for (const state::Open& open : file.opens()) {
      sum = mixed(mixed(sum, open.id), std::uint64_t(open.mode.access) * 8 + std::uint64_t(open.mode.deny));
    }
    for (const state::ByteLock& lock : file.locks().table().all()) {
      sum = mixed(mixed(mixed(sum, lock.range.first), lock.range.last), std::uint64_t(lock.kind));
      sum = mixed(mixed(sum, lock.owner.client), lock.owner.number);
    }
    sum = mixed(sum, file.locks().waiting());
  });
  return sum;
}

/// Whether whatever makes it happen once has counted it.
bool counted(const Sent& sent, const std::string& reply) {
  Results results(reply);
  // Of a client whose lease ran out no owner is known.
  const bool known = results.count > 1 && results.status != NFS4ERR_EXPIRED;
  if (sent.minor == 0) return results.status == NFS4_OK || (known && nfs4::advances(results.status));
  if (!sent.session) return results.status == NFS4_OK;
  return results.next<nfs4::SEQUENCE4res>().status == NFS4_OK;
}

/// Whether an OPEN of version 0 that succeeded found its owner confirmed, or needs no OPEN_CONFIRM; an owner that was
/// known once may have been forgotten since.
bool is_confirmed(const std::string& reply) {
  Results results(reply);
  results.next<nfs4::PUTFH4res>();
  return (results.next<nfs4::OPEN4res>().resok4.rflags & nfs4::OPEN4_RESULT_CONFIRM) == 0;
}

}  // namespace

Arrival::Arrival(World& world, Sent& sent) : world_(world), sent_(sent), begun_at_(world.now()) {
  if (sent.incarnation != world.incarnation()) {
    sent.incarnation = world.incarnation();
    sent.running = sent.executed = false;
  }
  if (!sent.line) return;
  if (sent.running) kind_ = Kind::WhileRunning;
  if (sent.executed && !may_be_forgotten()) kind_ = Kind::Again;
  if (kind_ == Kind::First) {
    sent.running = true;
    ++sent.line->running;
  }
  if (kind_ == Kind::First && !sent.executed) return;
  turn_ = world.turn();
  held_ = held_in(world);
  changes_ = world.changes;
}

/// An owner of version 0 that was not used for a lease, or was never confirmed: it may begin anew (RFC 7530, 9.1.11).
bool Arrival::may_be_forgotten() const {
  if (sent_.minor != 0) return false;
  return world_.now() >= sent_.line->used_at + lease_time || (sent_.opens && !sent_.line->confirmed);
}

bool Arrival::client_lives() const {
  const state::Clients& clients = world_.keeper().clients();
  if (sent_.session) {
    state::SessionId id;
    std::ranges::copy(*sent_.session, id.bytes.begin());
    if (!clients.session(id)) return false;
  }
  const auto client = clients.client(sent_.client);
  return client && client->lease.standing() != state::Standing::Revoking;
}

bool Arrival::answered(const std::string& reply) {
  if (!sent_.line) return Results(reply).status == NFS4_OK;
  if (kind_ != Kind::First) {
    check(reply);
    return false;
  }
  sent_.running = false;
  --sent_.line->running;
  // It might have been forgotten, and was not.
  if (sent_.executed && reply == sent_.reply && leaves_all_as_it_was()) return false;
  if (!counted(sent_, reply)) return false;
  sent_.executed = true;
  sent_.reply = reply;
  sent_.line->latest = sent_.number;
  sent_.line->used_at = begun_at_;
  if (sent_.minor == 0 && sent_.opens && Results(reply).status == NFS4_OK) sent_.line->confirmed = is_confirmed(reply);
  return true;
}

bool Arrival::leaves_all_as_it_was() const {
  return world_.turn() == turn_ && held_in(world_) == held_ && world_.changes == changes_;
}

void Arrival::check(const std::string& reply) const {
  if (world_.turn() != turn_) return world_.violated(Rule::Replay, "a replayed request is worked on");
  if (!leaves_all_as_it_was()) return world_.violated(Rule::Replay, "a replayed request changes something");
  world_.tally.event(sent_.minor == 0 ? "NFSv4.0: requests replayed" : "NFSv4.1: requests replayed");
  if (!client_lives() || sent_.line->over) return;
  const nfs4::nfsstat4 status = Results(reply).status;
  if (kind_ == Kind::WhileRunning) {
    world_.tally.event("NFSv4: replayed while the first ran");
    if (status != NFS4ERR_DELAY) world_.violated(Rule::Replay, "a request is answered that still runs");
  } else if (sent_.line->latest != sent_.number) {
    world_.tally.event("NFSv4: replayed too late");
    if (status == NFS4_OK) world_.violated(Rule::Replay, "a request succeeds that is out of its turn");
  } else if (sent_.kept && sent_.line->running == 0) {
    if (reply != sent_.reply) world_.violated(Rule::Replay, "a replayed request gets another reply");
  }
}

}  // namespace ditto::sim::rules
