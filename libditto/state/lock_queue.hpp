// The byte-range locks of one file and those who wait for them, in the order in which they came: whoever waits is
// passed neither by later ones that wait nor, once its turn has come, by anybody. Two ways to wait: a parked request
// (NLM, SMB) is given its lock as soon as it is free; one that polls (NFSv4) finds it kept for a moment and is told so.
// POSIX owners whose waiting would close a circle are refused. Pure; belongs to its file and is used under the file's
// lock.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "state/effects.hpp"
#include "state/lock_counts.hpp"
#include "state/lock_table.hpp"
#include "state/refusal.hpp"
#include "state/wait_graph.hpp"

namespace ditto::state {

enum class Waiting : std::uint8_t { No, Parked, Polling };

struct LockRequest {
  ByteLock lock;
  Waiting waiting = Waiting::No;
  TicketId ticket = 0;  // of a request that waits
  /// Parked: when it gives up. Polling: until when it is taken to be interested unless it asks again.
  Moment until = never;
  Moment since = 0;  // of one that waits: set by the queue
};

/// Denied says by which lock, held or kept for somebody else whose turn has come. Again: start over at once.
struct LockOutcome {
  enum class Kind : std::uint8_t { Granted, Denied, Parked, Again, Refused };
  Kind kind = Kind::Granted;
  ByteLock holder;
  Refusal refusal{};  // Deadlock, LimitReached
};

class LockQueue {
 public:
  /// How long a free lock is kept for an owner that polls and whose turn has come.
  static constexpr Moment reservation = 5 * one_second;
  static constexpr std::size_t max_waiters = 1024;
  /// Of one file, all owners together: finding a conflict looks through them.
  static constexpr std::size_t max_locks = 16384;

  /// The locks are counted in `counts`, if there is one, and limited by it.
  LockQueue(const FileKey& file, WaitGraph& graph, LockCounts* counts = nullptr) noexcept
      : file_(file), graph_(graph), counts_(counts) {}
  LockQueue(const LockQueue&) = delete;
  LockQueue& operator=(const LockQueue&) = delete;
  ~LockQueue();

  LockOutcome lock(const LockRequest& request, Moment now, Effects& effects);
  /// What a lock would meet; nothing is changed. None: it would be granted.
  std::optional<ByteLock> test(const ByteLock& wanted) const;
  /// As LockTable::remove. LimitReached: it would cut a lock in two, and there is no room for another.
  Answer<bool> unlock(const LockOwner& owner, const ByteRange& range, Moment now, Effects& effects);

  /// A parked request is withdrawn; false: it is not there any more. Nothing is resumed for it.
  bool withdraw(TicketId ticket, Moment now, Effects& effects);
  /// The ticket of the owner's parked request for exactly this lock (NLM_CANCEL names it so).
  std::optional<TicketId> find_parked(const ByteLock& wanted) const noexcept;

  /// All locks and requests of an owner, or of a client, go; its parked requests are resumed as Cancelled.
  std::size_t drop_owner(const LockOwner& owner, Moment now, Effects& effects);
  std::size_t drop_client(ClientId client, Moment now, Effects& effects);

  /// All of them go; parked requests are resumed as Cancelled.
  void clear(Effects& effects);

  void advance(Moment now, Effects& effects);
  Moment next_deadline() const noexcept;

  const LockTable& table() const noexcept { return table_; }
  std::size_t waiting() const noexcept { return waiters_.size(); }
  /// Calls `visit` with each request that waits, in the order of their turns, and whether the lock is kept for it.
  template <class Visit>
  void each_waiter(Visit visit) const {
    for (const Waiter& waiter : waiters_) visit(waiter.request, waiter.reserved);
  }
  bool empty() const noexcept { return table_.empty() && waiters_.empty(); }

 private:
  struct Waiter {
    LockRequest request;
    bool reserved = false;
  };
  using Place = std::size_t;  // in waiters_

  const ByteLock* held_or_kept(const ByteLock& wanted, Place before) const noexcept;
  bool waits_before(const ByteLock& wanted, Place before) const noexcept;
  Place place_of_poll(const LockRequest& request) const noexcept;
  LockOutcome enqueue(const LockRequest& request, const ByteLock& holder, Moment now);
  bool renew_edges(Place place);
  std::vector<LockOwner> blockers(Place place) const;
  void remove(Place place);
  bool has_room(ClientId client, std::ptrdiff_t growth) const;
  void count(ClientId client, std::ptrdiff_t growth);
  void add(const ByteLock& lock);
  void count_all_off();
  void changed(Moment now, Effects& effects);
  template <class Whose>
  void drop_waiters(Whose whose, Effects& effects);

  const FileKey file_;
  WaitGraph& graph_;
  LockCounts* const counts_;
  LockTable table_;
  std::vector<Waiter> waiters_;
};

}  // namespace ditto::state
