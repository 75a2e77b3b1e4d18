#include "state/clients/session.hpp"

#include <algorithm>
#include <utility>

namespace ditto::state {
namespace {

/// Of what is left for all sessions, one session gets at most this part at its start.
constexpr std::size_t share_of_available = 8;

}  // namespace

std::shared_ptr<Session> Session::make(std::shared_ptr<Client> client, const SessionCreated& created,
                                       CallbackControl control, const ClientLimits& limits, ReplyBudget& replies) {
  const std::size_t each = std::max<std::size_t>(created.fore.max_response_cached, 1);
  const std::size_t base = std::size_t{created.fore.max_requests} * sizeof(Slot);
  const std::size_t share = replies.available() / share_of_available / each;
  auto paid = static_cast<std::uint32_t>(std::clamp<std::size_t>(share, 1, created.fore.max_requests));
  if (!replies.take(base + paid * std::size_t{created.fore.max_response_cached})) return nullptr;
  return std::shared_ptr<Session>(new Session(std::move(client), created, std::move(control), limits, replies, paid));
}

Session::Session(std::shared_ptr<Client> client, const SessionCreated& created, CallbackControl control,
                 const ClientLimits& limits, ReplyBudget& replies, std::uint32_t paid)
    : client_(std::move(client)),
      created_(created),
      connections_limit_(limits.connections_per_session),
      replies_(replies),
      slots_(created.fore.max_requests),
      paid_(paid),
      target_(paid - 1),
      control_(std::move(control)),
      callback_slots_(created.back.max_requests) {}

Session::~Session() { end(); }

void Session::end() {
  const std::lock_guard lock(mutex_);
  if (!alive_.exchange(false, std::memory_order_acq_rel)) return;
  replies_.give_back(slots_.size() * sizeof(Slot) + paid_ * slot_bytes());
  slots_ = {};
  paid_ = 0;
  bindings_.clear();
  count_callback_path();
}

Answer<Sequenced> Session::sequence(const SequenceRequest& request, ConnectionId connection, Moment now) {
  const std::lock_guard lock(mutex_);
  if (!alive()) return refuse(Refusal::BadSession);
  if (request.slot >= slots_.size()) return refuse(Refusal::BadSlot);
  if (request.highest_slot >= slots_.size()) return refuse(Refusal::BadHighSlot);
  Slot& slot = slots_[request.slot];
  const std::uint32_t ahead = request.sequence - slot.sequence;  // modulo 2^32: after 0xffffffff comes 0
  if (ahead > 1) return refuse(Refusal::SequenceMisordered);

  if (ahead == 0) {
    if (slot.state == Slot::State::Unused) return refuse(Refusal::SequenceMisordered);
    if (slot.fingerprint != request.fingerprint) return refuse(Refusal::SequenceFalseRetry);
    if (slot.state == Slot::State::Running) return answered(Sequenced::Kind::InProgress, nullptr);
    if (const auto renewed = renew_lease(now); !renewed) return refuse(renewed.error());
    note_connection(connection);
    return answered(slot.reply ? Sequenced::Kind::Replay : Sequenced::Kind::Unkept, slot.reply);
  }

  if (const auto refused = check_new(request)) return refuse(*refused);
  if (const auto renewed = renew_lease(now); !renewed) return refuse(renewed.error());
  note_connection(connection);
  adjust(request);
  slot.sequence = request.sequence;
  slot.told = generation_;
  slot.state = Slot::State::Running;
  slot.fingerprint = request.fingerprint;
  slot.reply = nullptr;
  peak_ = std::max(peak_, request.slot);
  return answered(Sequenced::Kind::Execute, nullptr);
}

std::optional<Refusal> Session::check_new(const SequenceRequest& request) {
  // The next number on a slot whose request still runs: the client gave up on an answer that it must wait for.
  if (slots_[request.slot].state == Slot::State::Running) return Refusal::SequenceMisordered;
  if (request.slot >= paid_ && !pay_for(request.slot + 1)) return Refusal::Delay;
  return std::nullopt;
}

bool Session::pay_for(std::uint32_t slots) {
  if (!replies_.take((slots - paid_) * slot_bytes())) return false;
  paid_ = slots;
  return true;
}

// RFC 8881, 2.10.6.1. The enforced highest slot never changes, only the target does: then a slot that is used again
// after it was given up goes on with its number, and nothing of an old request can be taken for a new one.
void Session::adjust(const SequenceRequest& request) {
  const auto count = static_cast<std::uint32_t>(slots_.size());
  if (request.highest_slot >= target_ && target_ + 1 < count && !replies_.is_short()) {
    const std::uint32_t wanted = std::min(count, (target_ + 1) * 2);
    if (wanted <= paid_ || pay_for(wanted)) {
      target_ = wanted - 1;
      ++generation_;
    }
  }
  // The next number on this slot says that its last answer arrived before this request was sent. If that answer was
  // made after the target changed, then whatever ran before the change was sent earlier too; and since the client has
  // nothing outstanding beyond the target, it has those answers. What ran since the change (`told`) may still be asked
  // for.
  const Slot& slot = slots_[request.slot];
  if (slot.state == Slot::State::Done && slot.told == generation_ && request.highest_slot <= target_) retire_slots();
}

void Session::retire_slots() {
  const auto needed = [&](const Slot& slot) {
    return slot.state == Slot::State::Running || (slot.state == Slot::State::Done && slot.told == generation_);
  };
  std::uint32_t keep = paid_;
  while (keep > target_ + 1 && !needed(slots_[keep - 1])) slots_[--keep].reply = nullptr;
  replies_.give_back((paid_ - keep) * slot_bytes());
  paid_ = keep;
}

void Session::finish(std::uint32_t index, std::optional<Bytes> reply) {
  KeptReply kept;
  if (reply && reply->size() <= slot_bytes()) {
    kept = std::make_shared<const std::vector<std::byte>>(reply->begin(), reply->end());
  }
  const std::lock_guard lock(mutex_);
  if (!alive()) return;
  Slot& slot = slots_.at(index);
  DITTO_ASSERT(slot.state == Slot::State::Running);
  slot.state = Slot::State::Done;
  slot.reply = std::move(kept);
}

void Session::trim() {
  const std::lock_guard lock(mutex_);
  if (!alive()) return;
  // Also when the target is low enough, but slots beyond it were used before the client heard of it.
  if (peak_ < target_ || peak_ + 1 < paid_) {
    target_ = std::min(target_, peak_);
    ++generation_;
  }
  peak_ = 0;
}

Answer<void> Session::renew_lease(Moment now) {
  if (client_->lease.renew(now)) return {};
  // While it is being revoked nobody knows yet how that ends; later its sessions are gone.
  return refuse(client_->lease.standing() == Standing::Gone ? Refusal::BadSession : Refusal::Delay);
}

Sequenced Session::answered(Sequenced::Kind kind, KeptReply reply) const {
  const Client& client = *client_;
  return {.kind = kind,
          .reply = std::move(reply),
          .highest_slot = static_cast<std::uint32_t>(slots_.size() - 1),
          .target_highest_slot = target_,
          .status = {.callback_path_down = client.callback_paths.load() == 0,
                     .callback_path_down_session = !callback_path_,
                     .backchannel_fault = callback_fault_,
                     .restart_reclaim_needed = client.reclaims && !client.reclaim_complete,
                     .recallable_state_revoked = client.recallable_revoked.load() > 0,
                     .admin_state_revoked = client.revoked_by_admin.load() > 0}};
}

}  // namespace ditto::state
