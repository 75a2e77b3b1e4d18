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
  paid_ = 0;
  for (Slot& slot : slots_) {
    const std::lock_guard lock_slot(slot.mutex);
    slot.reply = nullptr;
  }
  bindings_.clear();
  ++bindings_count_;
  count_callback_path();
}

Answer<Sequenced> Session::sequence(const SequenceRequest& request, ConnectionId connection, Moment now, Noted& noted) {
  if (!alive()) return refuse(Refusal::BadSession);
  if (request.slot >= slots_.size()) return refuse(Refusal::BadSlot);
  if (request.highest_slot >= slots_.size()) return refuse(Refusal::BadHighSlot);
  Slot& slot = slots_[request.slot];
  if (is_bound_as(noted)) {
    const std::lock_guard lock_slot(slot.mutex);
    if (auto answer = sequence_in(slot, request, now, false)) return *std::move(answer);
  }
  const std::lock_guard lock(mutex_);
  const std::lock_guard lock_slot(slot.mutex);
  auto answer = *sequence_in(slot, request, now, true);
  if (answer && answer->kind != Sequenced::Kind::InProgress) {
    note_connection(connection);
    noted.bindings = bindings_count_;
  }
  return answer;
}

std::optional<Answer<Sequenced>> Session::sequence_in(Slot& slot, const SequenceRequest& request, Moment now,
                                                      bool locked) {
  if (!alive()) return refuse(Refusal::BadSession);
  const std::uint32_t ahead = request.sequence - slot.sequence;  // modulo 2^32: after 0xffffffff comes 0
  if (ahead > 1) return refuse(Refusal::SequenceMisordered);

  if (ahead == 0) {
    if (slot.state == Slot::State::Unused) return refuse(Refusal::SequenceMisordered);
    if (slot.fingerprint != request.fingerprint) return refuse(Refusal::SequenceFalseRetry);
    if (slot.state == Slot::State::Running) return answered(Sequenced::Kind::InProgress, nullptr);
    if (const auto renewed = renew_lease(now); !renewed) return refuse(renewed.error());
    if (!slot.kept) return answered(Sequenced::Kind::Unkept, nullptr);
    slot.given = true;
    return answered(Sequenced::Kind::Replay, slot.reply);
  }

  // The next number on a slot whose request still runs: the client gave up on an answer that it must wait for.
  if (slot.state == Slot::State::Running) return refuse(Refusal::SequenceMisordered);
  if (!locked && !leaves_slots(slot, request)) return std::nullopt;
  if (locked && request.slot >= paid_ && !pay_for(request.slot + 1)) return refuse(Refusal::Delay);
  if (const auto renewed = renew_lease(now); !renewed) return refuse(renewed.error());
  if (locked) adjust(slot, request);
  slot.sequence = request.sequence;
  slot.told = generation_;
  slot.state = Slot::State::Running;
  slot.fingerprint = request.fingerprint;
  slot.kept = false;
  for (std::uint32_t peak = peak_; peak < request.slot && !peak_.compare_exchange_weak(peak, request.slot);) {
  }
  return answered(Sequenced::Kind::Execute, nullptr);
}

bool Session::leaves_slots(const Slot& slot, const SequenceRequest& request) const noexcept {
  return request.slot < paid_ && !wants_more(request) && !frees_slots(slot, request);
}

bool Session::wants_more(const SequenceRequest& request) const noexcept {
  return request.highest_slot >= target_ && target_ + 1 < slots_.size() && !replies_.is_short();
}

// The next number on this slot says that its last answer arrived before this request was sent. If that answer was made
// after the target changed, then whatever ran before the change was sent earlier too; and since the client has nothing
// outstanding beyond the target, it has those answers. What ran since the change (`told`) may still be asked for.
bool Session::frees_slots(const Slot& slot, const SequenceRequest& request) const noexcept {
  return paid_ > target_ + 1 && slot.state == Slot::State::Done && slot.told == generation_ &&
         request.highest_slot <= target_;
}

bool Session::pay_for(std::uint32_t slots) {
  if (!replies_.take((slots - paid_) * slot_bytes())) return false;
  paid_ = slots;
  return true;
}

// RFC 8881, 2.10.6.1. The enforced highest slot never changes, only the target does: then a slot that is used again
// after it was given up goes on with its number, and nothing of an old request can be taken for a new one.
void Session::adjust(const Slot& slot, const SequenceRequest& request) {
  if (wants_more(request)) {
    const std::uint32_t wanted = std::min(static_cast<std::uint32_t>(slots_.size()), (target_ + 1) * 2);
    if (wanted <= paid_ || pay_for(wanted)) {
      target_ = wanted - 1;
      ++generation_;
    }
  }
  if (frees_slots(slot, request)) retire_slots(slot);
}

/// `own` is the slot whose mutex is held.
void Session::retire_slots(const Slot& own) {
  const std::uint32_t before = paid_;
  while (paid_ > target_ + 1) {
    Slot& last = slots_[paid_ - 1];
    if (&last == &own) break;  // about to run
    const std::lock_guard lock_slot(last.mutex);
    if (last.state == Slot::State::Running || (last.state == Slot::State::Done && last.told == generation_)) break;
    last.reply = nullptr;
    last.kept = false;
    --paid_;
  }
  replies_.give_back((before - paid_) * slot_bytes());
}

void Session::finish(std::uint32_t index, std::optional<Bytes> reply) {
  Slot& slot = slots_.at(index);
  const std::lock_guard lock_slot(slot.mutex);
  if (!alive()) return;
  DITTO_ASSERT(slot.state == Slot::State::Running);
  slot.state = Slot::State::Done;
  if (!reply || reply->size() > slot_bytes()) return;
  if (!slot.reply || std::exchange(slot.given, false)) slot.reply = std::make_shared<std::vector<std::byte>>();
  slot.reply->assign(reply->begin(), reply->end());
  slot.kept = true;
}

void Session::trim() {
  const std::lock_guard lock(mutex_);
  if (!alive()) return;
  // Also when the target is low enough, but slots beyond it were used before the client heard of it.
  const std::uint32_t peak = peak_.exchange(0);
  if (peak < target_ || peak + 1 < paid_) {
    target_ = std::min<std::uint32_t>(target_, peak);
    ++generation_;
  }
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
