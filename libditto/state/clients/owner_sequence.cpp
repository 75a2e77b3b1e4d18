#include "state/clients/owner_sequence.hpp"

#include <memory>
#include <vector>

#include "base/assert.hpp"

namespace ditto::state {

Answer<OwnerSequenced> OwnerSequence::begin(const OwnerRequest& request, Moment now) {
  const std::lock_guard lock(mutex_);
  if (retired_) return refuse(Refusal::BadSequenceId);
  if (running_) {
    const bool same = request.sequence == request_.sequence && request.fingerprint == request_.fingerprint;
    if (!same) return refuse(Refusal::BadSequenceId);
    return OwnerSequenced{.kind = OwnerSequenced::Kind::InProgress};
  }
  auto checked = check(request);
  if (!checked) return checked;
  used_at_ = now;
  if (checked->kind == OwnerSequenced::Kind::Execute) {
    running_ = true;
    request_ = request;
  }
  return checked;
}

Answer<OwnerSequenced> OwnerSequence::check(const OwnerRequest& request) const {
  const bool opens = request.use == OwnerUse::Open || request.use == OwnerUse::Reclaim;
  // 9.1.7: what comes after 0xffffffff is 0, none is left out.
  const bool is_next = request.sequence == sequence_ + 1;
  if (started_ && request.sequence == sequence_) {
    if (confirmed_ || request.fingerprint == fingerprint_) return replay(request);
    if (!opens) return refuse(Refusal::OwnerUnconfirmed);
  }
  if (started_ && confirmed_) {
    if (!is_next) return refuse(Refusal::BadSequenceId);
    return OwnerSequenced{};
  }
  // 9.1.11: a new owner begins with any number, and OPEN_CONFIRM shows that its first OPEN was not an old one.
  if (opens) return OwnerSequenced{.needs_confirm = request.use == OwnerUse::Open, .replaces_unconfirmed = started_};
  if (!started_) {
    if (request.use != OwnerUse::Lock) return refuse(Refusal::BadSequenceId);
    return OwnerSequenced{};
  }
  if (request.use != OwnerUse::Confirm) return refuse(Refusal::OwnerUnconfirmed);
  if (!is_next) return refuse(Refusal::BadSequenceId);
  return OwnerSequenced{};
}

Answer<OwnerSequenced> OwnerSequence::replay(const OwnerRequest& request) const {
  if (request.fingerprint != fingerprint_) return refuse(Refusal::BadSequenceId);
  if (!reply_) return refuse(Refusal::RetryUncachedReply);
  return OwnerSequenced{.kind = OwnerSequenced::Kind::Replay, .reply = reply_};
}

void OwnerSequence::finish(const OwnerOutcome& outcome) {
  const std::lock_guard lock(mutex_);
  DITTO_ASSERT(running_);
  running_ = false;
  if (!outcome.advance) return;
  drop_reply();
  if (outcome.reply && outcome.reply->size() <= reply_limit_ && replies_.take(outcome.reply->size())) {
    reply_ = std::make_shared<const std::vector<std::byte>>(outcome.reply->begin(), outcome.reply->end());
  }
  started_ = true;
  sequence_ = request_.sequence;
  fingerprint_ = request_.fingerprint;
  if (outcome.confirms || kind == OwnerKind::Lock) confirmed_ = true;
}

void OwnerSequence::drop_reply() noexcept {
  if (reply_) replies_.give_back(reply_->size());
  reply_ = nullptr;
}

void OwnerSequence::hold() {
  const std::lock_guard lock(mutex_);
  ++holds_;
}

void OwnerSequence::drop(Moment now) {
  const std::lock_guard lock(mutex_);
  DITTO_ASSERT(holds_ > 0);
  --holds_;
  used_at_ = now;
}

bool OwnerSequence::confirmed() const {
  const std::lock_guard lock(mutex_);
  return confirmed_;
}

bool OwnerSequence::in_use() const {
  const std::lock_guard lock(mutex_);
  return holds_ > 0 || running_;
}

Moment OwnerSequence::used_at() const {
  const std::lock_guard lock(mutex_);
  return used_at_;
}

bool OwnerSequence::retire(bool unconfirmed) {
  const std::lock_guard lock(mutex_);
  if (running_ || (holds_ > 0 && (!unconfirmed || confirmed_))) return false;
  retired_ = true;
  drop_reply();
  return true;
}

}  // namespace ditto::state
