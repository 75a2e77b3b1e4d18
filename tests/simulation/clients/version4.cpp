#include "clients/version4.hpp"

#include <algorithm>

#include "nfs/v4/in_sequence.hpp"
#include "nfs/v4/messages/sessions.hpp"
#include "nfs/v4/run.hpp"
#include "rules/replay.hpp"
#include "rules/rules.hpp"

namespace ditto::sim {

using namespace ditto::nfs4;
using enum nfsstat4;

Version4::Version4(World& world, unsigned number, std::uint32_t minor)
    : Client(world, number, Link::Datagram), minor_(minor) {
  forget();
}

void Version4::forget() {
  ++verifier_;
  pending_.clear();
  opens_.clear();
  known_as_ = state::nobody;
  phase_ = Phase::Unknown;
  complete_ = recorded_ = cut_off_ = was_cut_off_ = false;
  asleep_until_ = 0;
  for (auto& owner : owners_) owner = fresh_queue("open");
}

void Version4::act() {
  if (world_.now() < asleep_until_) return;
  if (world_.dice.chance(1, 50)) {
    asleep_until_ = world_.now() + world_.dice.below(3 * lease_time / 2);
    return world_.tally.event("NFSv4: clients that fell silent");
  }
  const bool one_at_a_time = phase_ != Phase::Ready;
  if (!pending_.empty() && (one_at_a_time || world_.dice.chance(1, 4))) {
    return send_again(pending_[world_.dice.below(pending_.size())]);
  }
  switch (phase_) {
    case Phase::Unknown: return introduce();
    case Phase::Introduced: return minor_ == 0 ? confirm() : create_session();
    case Phase::Reclaiming: return reclaim();
    case Phase::Ready: return work();
  }
}

// ---- sending
// ----------------------------------------------------------------------------------------------------------------

bool Version4::has_room() const {
  if (minor_ == 0) return pending_.size() < slot_count;
  return std::ranges::any_of(slots_, [](const auto& slot) { return !slot->busy; });
}

std::shared_ptr<Version4::Queue> Version4::fresh_queue(std::string_view kind) {
  auto queue = std::make_shared<Queue>();
  queue->name = std::string(kind) + std::to_string(++last_queue_);
  queue->number = static_cast<std::uint32_t>(world_.dice.below(3)) - 2;  // some come to 0
  queue->line->confirmed = false;
  return queue;
}

void Version4::send(const Ops& ops, Sent draft, std::vector<std::shared_ptr<Queue>> queues, Then then) {
  auto sent = std::make_shared<Sent>(std::move(draft));
  sent->number = ++last_sent_;
  sent->minor = minor_;
  sent->client = known_as_;
  const bool in_session = minor_ > 0 && phase_ > Phase::Introduced;
  xdr::Writer writer;
  writer(COMPOUND4args_header{{}, minor_, ops.count() + (in_session ? 1 : 0)});
  std::shared_ptr<Queue> slot;
  if (in_session) {
    const auto free = std::ranges::find_if(slots_, [](const auto& each) { return !each->busy; });
    slot = *free;
    slot->busy = true;
    sent->session = session_;
    sent->line = slot->line;
    writer(nfs_opnum4::OP_SEQUENCE, SEQUENCE4args{.sa_sessionid = session_,
                                                  .sa_sequenceid = ++slot->number,
                                                  .sa_slotid = static_cast<std::uint32_t>(free - slots_.begin()),
                                                  .sa_highest_slotid = slot_count - 1,
                                                  .sa_cachethis = sent->kept});
  }
  if (minor_ > 0) queues.clear();
  for (const auto& queue : queues) queue->busy = true;
  if (!queues.empty()) sent->line = queues.front()->line;
  writer.link(ops.encoded());
  sent->arguments = writer.finish();
  pending_.push_back({std::move(sent), std::move(then), std::move(queues), std::move(slot)});
  send_again(pending_.back());
}

void Version4::send_again(const Pending& pending) {
  world_.ask(*this, [this, life = id(), sent = pending.sent] { serve(life, sent); });
}

// ---- the server's side
// ------------------------------------------------------------------------------------------------------------

Detached Version4::serve(state::ClientId life, std::shared_ptr<Sent> sent) {
  World& world = world_;
  if (sent->operation) world.meets(*sent->operation, sent->inode, sent->actor.holder);
  Request request(world, *this, life, sent->actor);
  rpc::Call call = request.call();
  call.attachment = &connection_;
  rules::Arrival arrival(world, *sent);
  xdr::Writer results;
  xdr::Reader arguments(sent->arguments);
  (void)co_await nfs4::compound(&world.nfs4(), call, arguments, results);
  if (world.dying()) co_return;
  const BufferChain bytes = results.finish();
  std::string reply(bytes.size(), '\0');
  bytes.copy_to(0, std::as_writable_bytes(std::span(reply.data(), reply.size())));
  world.note(kind(), " ", number(), ": request ", sent->number, " of client ", sent->client, " is answered with ",
             std::uint64_t(Results(reply).status));
  const bool executed = arrival.answered(reply);
  if (executed && Results(reply).status == NFS4_OK) note_gain(*sent);
  // The reply cache of rpc has a retry of version 0 wait for the first.
  if (arrival.while_running() && minor_ == 0) co_return;
  request.reply([this, sent, reply] { answered(sent, reply); });
}

void Version4::note_gain(const Sent& sent) {
  if (sent.gains != Sent::Gains::Nothing && sent.client == known_as_) recorded_ = true;
  if (sent.gains == Sent::Gains::New) rules::gained(world_, *this);
  if (sent.gains != Sent::Gains::Back) return;
  const Opened* open = find(sent.claim);
  if (!open || (sent.piece && *sent.piece >= open->locks.size())) return;
  const Hold hold = sent.piece ? open->locks[*sent.piece].hold : open->hold;
  rules::reclaimed(world_, hold == Hold::Lost);
}

// ---- being answered
// ---------------------------------------------------------------------------------------------------------------

/// False: the request has not been executed, or not here.
bool Version4::take_sequence(const Pending& pending, Results& results) {
  const nfsstat4 status = results.next<SEQUENCE4res>().status;
  if (status == NFS4ERR_DELAY) return false;
  if (status == NFS4ERR_BADSESSION || status == NFS4ERR_DEADSESSION) {
    lose_server();
    return false;
  }
  if (status != NFS4_OK) {
    world_.note("SEQUENCE gives ", std::uint64_t(status));
    world_.violated(Rule::Replay, "a slot's next request is not taken");
  }
  pending.slot->busy = false;
  return true;
}

void Version4::answered(const std::shared_ptr<Sent>& sent, const std::string& reply) {
  const auto found = std::ranges::find(pending_, sent, &Pending::sent);
  if (found == pending_.end()) return;
  Results results(reply);
  if (found->slot && !take_sequence(*found, results)) return;
  const Pending done = *found;
  pending_.erase(found);
  const nfsstat4 status = results.status;
  const bool counts = status == NFS4_OK || (results.count > 1 && advances(status));
  for (const auto& queue : done.queues) {
    queue->busy = false;
    if (counts) ++queue->number;
  }
  const bool gone = status == NFS4ERR_STALE_CLIENTID || status == NFS4ERR_STALE_STATEID || status == NFS4ERR_EXPIRED;
  if (gone && minor_ == 0) return lose_server();
  if (status == NFS4ERR_BAD_SEQID) {
    world_.tally.event("NFSv4.0: owners out of step");
    for (const auto& queue : done.queues) std::ranges::replace(owners_, queue, fresh_queue("open"));
  }
  done.then(results);
}

}  // namespace ditto::sim
