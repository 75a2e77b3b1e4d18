// Where the gate meets state/: everything that is held in a server's trees, and those who wait for it. It delivers the
// effects of state/'s steps: requests that waited are resumed on their own loops, recalls and the rest go to whoever
// speaks the holder's protocol. One per server; any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "gate/persister.hpp"
#include "state/files.hpp"
#include "state/recovery/grace.hpp"
#include "state/recovery/object_records.hpp"
#include "state/wait_graph.hpp"

namespace ditto::gate {

/// Who speaks to holders and owners: a protocol's side that calls back. Called on any thread, without locks held; must
/// not wait.
class Callbacks {
 public:
  virtual ~Callbacks() = default;
  virtual void recall(const state::Recall& recall) = 0;
  /// Of holders that tell what they keep to themselves. The answer goes to Coordinator::told().
  virtual void query(const state::Query&) {}
  virtual void revoked(const state::Revoked& revoked) = 0;
  virtual void lock_available(const state::LockAvailable& available) = 0;
};

/// A request that waits for a ticket: a job that is posted to `home` when the wait is over, then with the reason why it
/// is not to go on, if there is one. Belongs to the request.
struct TicketWait : Job {
  Executor* home = nullptr;
  std::optional<state::Refusal> refused;
};

/// Who knows of clients whose leases run out. Any thread; must not wait.
class Leases {
 public:
  enum class Claim : std::uint8_t { Holds, Gone, Waits, Later };
  virtual ~Leases() = default;
  /// `client` holds what somebody wants. Gone: its lease had run out, and nothing is left of it (RFC 8881, 8.4.2.4).
  /// Waits: `wait` is resumed when that is so, or, with a refusal, could not be brought about. Later: that was so a
  /// moment ago, and is not tried again yet.
  virtual Claim claim(state::ClientId client, TicketWait& wait) = 0;
};

/// How long a holder has to give way where nobody says otherwise: the lease time of NFSv4.
inline constexpr state::Moment recall_time = 90 * state::one_second;

class Auditor;

class Coordinator {
 public:
  state::Files& files() noexcept { return files_; }
  const state::Files& files() const noexcept { return files_; }
  std::size_t waiting_for_locks() const { return waits_.waiting(); }
  /// Whom the last incarnation left something to get back, by whichever protocol.
  state::Grace& grace() noexcept { return grace_; }
  const state::Grace& grace() const noexcept { return grace_; }

  /// Where what must outlive the server goes, and what of the files does.
  Persister& persister() noexcept { return persister_; }
  state::ObjectRecords& objects() noexcept { return objects_; }
  /// A promise of the last incarnation stands until it is claimed, or end_reservations().
  void reserve(const state::ObjectRecord& record, std::unique_ptr<state::Anchor> anchor);
  /// The open, which is on record, was one from before: what stood for it has done so.
  void claimed(const state::FileKey& file, state::OpenId open, const state::Claimant& who);
  /// Grace is over: nothing is kept any more for those who did not claim it.
  void end_reservations();

  /// Numbers for opens, grants and tickets: never reused.
  std::uint64_t new_id() noexcept { return next_id_.fetch_add(1, std::memory_order_relaxed); }

  /// `wait` is resumed once what `ticket` waits for has come. Before the request is parked, since that may be at once.
  state::TicketId expect(TicketWait& wait);
  /// The request was not parked after all; true: nobody will resume it.
  bool forget(state::TicketId ticket);

  /// Does what a step of state/ wants, and empties `effects`. No lock of state/ is held.
  void deliver(state::Effects& effects);
  /// FileState::told().
  void told(const state::FileKey& file, state::GrantId grant, const std::optional<state::Kept>& kept,
            state::Moment now);
  /// Deadlines that have passed by `now`.
  void advance(state::Moment now);
  state::Moment next_deadline() const noexcept { return files_.next_deadline(); }

  /// `in_the_way` holds what `own` wants.
  Leases::Claim claim(state::ClientId in_the_way, state::ClientId own, TicketWait& wait) {
    if (!leases_ || in_the_way == state::nobody || in_the_way == own) return Leases::Claim::Holds;
    return leases_->claim(in_the_way, wait);
  }

  state::Moment recall_time() const noexcept { return recall_time_; }
  /// Null: nothing is recorded.
  Auditor* auditor() const noexcept { return auditor_; }

  /// Set before the server starts.
  void set_recall_time(state::Moment time) noexcept { recall_time_ = time; }
  void set_callbacks(Callbacks* callbacks) noexcept { callbacks_ = callbacks; }
  void set_leases(Leases* leases) noexcept { leases_ = leases; }
  void set_auditor(Auditor* auditor) noexcept { auditor_ = auditor; }

 private:
  void resume(const state::Resume& resume);
  /// Nobody waits for these.
  void persist(std::vector<state::Persist> changes);

  state::Grace grace_;
  Persister persister_;
  state::ObjectRecords objects_{persister_.tokens()};
  state::WaitGraph waits_;
  state::Files files_{waits_};
  std::atomic<std::uint64_t> next_id_{1};
  Callbacks* callbacks_ = nullptr;
  Leases* leases_ = nullptr;
  Auditor* auditor_ = nullptr;
  state::Moment recall_time_ = gate::recall_time;
  std::mutex mutex_;  // guards the rest
  std::unordered_map<state::TicketId, TicketWait*> tickets_;
  std::vector<state::FileKey> reserved_;
};

}  // namespace ditto::gate
