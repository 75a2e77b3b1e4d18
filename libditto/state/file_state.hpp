// What is held on one node: opens with their share modes, byte-range locks, caching grants, and the requests that wait
// for any of it to give way. The one place where an operation of any protocol learns whether it may go on. Pure; used
// under the lock of its shard (state/files.hpp), which also knows who is in flight.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "state/grant_table.hpp"
#include "state/lock_queue.hpp"
#include "state/operation.hpp"
#include "state/recovery/reservations.hpp"
#include "state/share_mode.hpp"

namespace ditto::state {

using OpenId = std::uint64_t;

/// Who acts: as which holder (its own grants never stand in its way), by which open, if any, and as which owner of
/// mandatory locks.
struct Actor {
  Holder holder;
  OpenId open = 0;  // 0: none, as NFSv3 and anonymous I/O have it
  LockOwner locks;
};

struct Open {
  OpenId id = 0;
  Holder holder;  // of the grant that it shares, or would
  ShareMode mode;
  bool recorded = false;  // while it denies something; whoever lessens it says so (Lessened)
};

/// How an open is promised over a restart.
struct Promise {
  Claimant who;
  bool kept = false;      // what it denies is recorded
  bool reclaims = false;  // it is from before a restart
};

/// May an operation go on? Wait: park, and start over from lookup and access check when resumed. Again: start over at
/// once, since something that will not last is in flight. Refused, where a client is named: its open or lock is in the
/// way, and if it is a courtesy client (RFC 8881, 8.4.2.4) it can be made to go.
struct Verdict {
  enum class Kind : std::uint8_t { Proceed, Wait, Again, Refused };
  Kind kind = Kind::Proceed;
  Refusal refusal{};
  ClientId in_the_way = nobody;
  const Demand* until_met = nullptr;  // Wait: what others have yet to do
  Kept kept;                          // Proceed, of FileState::know(): what somebody has changed and kept to itself

  static Verdict proceed() noexcept { return {}; }
  static Verdict wait(const Demand& demand) noexcept { return {.kind = Kind::Wait, .until_met = &demand}; }
  static Verdict again() noexcept { return {.kind = Kind::Again}; }
  static Verdict refused(Refusal why, ClientId by = nobody) noexcept {
    return {.kind = Kind::Refused, .refusal = why, .in_the_way = by};
  }
};

/// A request that waits until no grant of others is in the way of what it demanded.
struct Parked {
  TicketId ticket = 0;
  const Demand* demand = nullptr;  // as Verdict::until_met gives it
  Holder holder;
  Moment deadline = never;
  Moment since = 0;
};

class FileState {
 public:
  static constexpr std::size_t max_opens = 65536, max_parked = 1024;

  FileState(const FileKey& file, WaitGraph& graph, std::uint64_t share = 0, LockCounts* counts = nullptr) noexcept
      : file_(file), share_(share), grants_(file), locks_(file, graph, counts) {}

  /// As Anchor::share().
  std::uint64_t share() const noexcept { return share_; }

  /// May `actor` do `operation` to `range` (of reads and writes; whole file otherwise)? What others have to give up for
  /// it is recalled, by `deadline`.
  Verdict enter(Operation operation, const Actor& actor, const ByteRange& range, Moment deadline, Effects& effects);

  /// Before the size and the change counter are told to `actor`: whoever may keep changes to itself is asked about
  /// them, or has said since `since`, or is recalled, by `deadline`, if it does not say.
  Verdict know(const Holder& actor, Moment since, Moment deadline, Effects& effects);
  /// The answer to a Query; none: there will be none.
  void told(GrantId id, const std::optional<Kept>& kept, Moment now, Effects& effects);

  /// An open comes: to read, to write, or emptying the file. On Proceed it is there.
  Verdict open(const Open& wanted, Operation how, Moment deadline, Effects& effects, const Promise* promise = nullptr);
  /// More access or more to deny for an open that is there.
  Verdict upgrade(OpenId id, const ShareMode& more, Moment deadline, Effects& effects,
                  const Promise* promise = nullptr);
  /// Less; whatever that frees is resumed. NoSuchOpen; NotOpenedAs when it is not less.
  Answer<void> downgrade(OpenId id, const ShareMode& less, Effects& effects);
  /// False: there is no such open.
  bool close(OpenId id, Effects& effects);

  /// A grant for whoever has an open: as much of `wanted` as opens and other grants leave room for. Null: none.
  const Grant* grant(const GrantTable::Wanted& wanted);
  /// GrantTable::acknowledge and give_back, and whoever waited for that goes on.
  Answer<Caching> acknowledge(GrantId id, std::uint32_t epoch, Caching kept, Moment deadline, Effects& effects);
  bool give_back(GrantId id, Effects& effects);
  bool revoke(GrantId id, Effects& effects);
  /// GrantTable::ask_back.
  bool ask_back(GrantId id, Moment deadline, Effects& effects) { return grants_.ask_back(id, deadline, effects); }

  LockOutcome lock(const LockRequest& request, Moment now, Effects& effects) {
    return locks_.lock(request, now, effects);
  }
  Answer<bool> unlock(const LockOwner& owner, const ByteRange& range, Moment now, Effects& effects) {
    return locks_.unlock(owner, range, now, effects);
  }
  LockQueue& locks() noexcept { return locks_; }
  const LockQueue& locks() const noexcept { return locks_; }

  /// A request that was told to wait does so, until its deadline at most. LimitReached.
  Answer<void> park(const Parked& request);
  /// False: it is not parked any more.
  bool withdraw(TicketId ticket) noexcept;

  /// What the last incarnation promised, until it is claimed or grace is over.
  void reserve(ObjectRecord record) { reserved_.add(std::move(record)); }
  /// `who` has claimed its open again, or its grant, and that is recorded: what need not be kept for it any more.
  std::vector<ObjectRecord> claimed(OpenId id, const Claimant& who, Effects& effects);
  void end_reservations(Effects& effects);
  const Reservations& reserved() const noexcept { return reserved_; }

  /// SMB: the file goes with its last open, and takes no new ones until then.
  void set_delete_pending(bool pending) noexcept { delete_pending_ = pending; }
  bool delete_pending() const noexcept { return delete_pending_; }

  /// Everything a client has here goes.
  void drop_client(ClientId client, Moment now, Effects& effects);
  /// Everything goes; whoever waits is cancelled.
  void clear(Effects& effects);

  void advance(Moment now, Effects& effects);
  Moment next_deadline() const noexcept;

  /// Whether readers, or writers, have to look closer: the gate's word is made of these.
  bool concerns_readers() const noexcept;
  bool concerns_writers() const noexcept;
  bool empty() const noexcept {
    return opens_.empty() && locks_.empty() && grants_.empty() && parked_.empty() && reserved_.empty();
  }

  const Open* find_open(OpenId id) const noexcept;
  std::span<const Open> opens() const noexcept { return opens_; }
  const GrantTable& grants() const noexcept { return grants_; }
  std::size_t parked() const noexcept { return parked_.size(); }
  std::span<const Parked> waiting() const noexcept { return parked_; }
  /// Whether `parked` has to wait any longer.
  bool blocks(const Parked& parked) const noexcept;

 private:
  const Open* find_conflict(const ShareMode& mode, OpenId except) const noexcept;
  Verdict share_verdict(const ShareMode& mode, const Holder& holder, OpenId except, Moment deadline, Effects& effects);
  bool mode_conflicts_with_handles(const Open& conflicting, const Holder& holder) const noexcept;
  /// Of what others may still claim.
  Verdict reserved_verdict(const ShareMode& mode, Share denied, const Promise* promise) const noexcept;
  void resume_unblocked(Effects& effects);
  void resume_after_claim(Effects& effects);

  const FileKey file_;
  const std::uint64_t share_;
  std::vector<Open> opens_;
  GrantTable grants_;
  LockQueue locks_;
  std::vector<Parked> parked_;
  Reservations reserved_;
  bool delete_pending_ = false;
};

}  // namespace ditto::state
