// One open owner or lock owner of an NFSv4.0 client: the sequence number that makes each of its requests happen once,
// and the last reply. It knows neither opens nor locks; who keeps some holds it, so that it is not forgotten. RFC
// 7530, 9.1.7 to 9.1.11. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "state/clients/reply_budget.hpp"
#include "state/clients/session_types.hpp"
#include "state/refusal.hpp"

namespace ditto::state {

enum class OwnerKind : std::uint8_t { Open, Lock };

/// What an owner is used for.
enum class OwnerUse : std::uint8_t {
  Open,     // OPEN
  Reclaim,  // OPEN with CLAIM_PREVIOUS or CLAIM_DELEGATE_PREV: never needs to be confirmed (9.1.11)
  Confirm,  // OPEN_CONFIRM
  Lock,     // LOCK, for its lock owner
  Other,    // CLOSE, OPEN_DOWNGRADE, LOCK for its open owner, LOCKU
};

struct OwnerRequest {
  OwnerUse use = OwnerUse::Other;
  std::uint32_t sequence = 0;
  Fingerprint fingerprint = 0;
};

struct OwnerSequenced {
  enum class Kind : std::uint8_t { Execute, Replay, InProgress };
  Kind kind = Kind::Execute;
  KeptReply reply;
  /// The reply to this OPEN must ask for OPEN_CONFIRM, and may not grant a delegation.
  bool needs_confirm = false;
  /// This OPEN takes the place of one that was never confirmed: what the owner has open is to be dropped. 16.18.5.
  bool replaces_unconfirmed = false;
};

struct OwnerOutcome {
  /// False after the errors that leave the number as it was: STALE_CLIENTID, STALE_STATEID, BAD_STATEID, BAD_SEQID,
  /// BADXDR, RESOURCE, NOFILEHANDLE, MOVED. 9.1.7.
  bool advance = true;
  /// OPEN_CONFIRM or a reclaiming OPEN succeeded.
  bool confirms = false;
  /// The result of the operation, to be sent again.
  std::optional<Bytes> reply;
};

class OwnerSequence {
 public:
  OwnerSequence(OwnerKind kind, std::string owner, std::size_t reply_limit, ReplyBudget& replies, Moment now)
      : kind(kind), owner(std::move(owner)), reply_limit_(reply_limit), replies_(replies), used_at_(now) {}
  ~OwnerSequence() { drop_reply(); }
  OwnerSequence(const OwnerSequence&) = delete;
  OwnerSequence& operator=(const OwnerSequence&) = delete;

  const OwnerKind kind;
  const std::string owner;

  /// Execute: run it, then finish().
  Answer<OwnerSequenced> begin(const OwnerRequest& request, Moment now);
  void finish(const OwnerOutcome& outcome);

  /// An open or a lock state of this owner comes and goes.
  void hold();
  void drop(Moment now);

  bool confirmed() const;
  bool in_use() const;
  Moment used_at() const;
  /// Forgotten from now on, unless it is running or in use; false then. `unconfirmed`: also with opens that were not
  /// confirmed.
  bool retire(bool unconfirmed);

 private:
  Answer<OwnerSequenced> check(const OwnerRequest& request) const;
  Answer<OwnerSequenced> replay(const OwnerRequest& request) const;
  void drop_reply() noexcept;

  const std::size_t reply_limit_;
  ReplyBudget& replies_;

  mutable std::mutex mutex_;
  bool started_ = false;    // sequence_ means something
  bool confirmed_ = false;  // lock owners are, from their first LOCK
  bool running_ = false;
  bool retired_ = false;
  std::uint32_t holds_ = 0;
  std::uint32_t sequence_ = 0;
  Fingerprint fingerprint_ = 0;
  OwnerRequest request_;  // the one that runs
  KeptReply reply_;
  Moment used_at_;
};

}  // namespace ditto::state
