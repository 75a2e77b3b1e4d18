// One confirmed NFSv4 client: who it is, its lease, what it holds in numbers, and the owners of a 4.0 client. What is
// atomic here is used by requests on all loops without a lock; `book` belongs to Clients, under its mutex. Opens and
// locks themselves are with their files. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "state/clients/effects.hpp"
#include "state/clients/identity.hpp"
#include "state/clients/lease.hpp"
#include "state/clients/limits.hpp"
#include "state/clients/owners.hpp"
#include "state/clients/session_types.hpp"
#include "state/refusal.hpp"

namespace ditto::state {

class Session;

/// The one slot that makes CREATE_SESSION happen once. RFC 8881, 18.36.4.
struct CreateSessionSlot {
  std::uint32_t sequence = 0;
  Answer<SessionCreated> answer = refuse(Refusal::SequenceMisordered);
};

/// How many of a kind of state a client holds, up to a limit.
class Held {
 public:
  explicit Held(std::uint32_t limit) noexcept : limit_(limit) {}
  /// One more; false at the limit.
  bool add() noexcept {
    std::uint32_t count = count_.load(std::memory_order_relaxed);
    do {
      if (count >= limit_) return false;
    } while (!count_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed));
    return true;
  }
  void remove() noexcept { DITTO_ASSERT(count_.fetch_sub(1, std::memory_order_relaxed) > 0); }
  std::uint32_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  const std::uint32_t limit_;
  std::atomic<std::uint32_t> count_{0};
};

class Client {
 public:
  Client(ClientId client_id, OwnerKey owner_key, Verifier client_verifier, Principal client_principal,
         const ClientLimits& limits, ReplyBudget& replies, Moment now)
      : id(client_id),
        key(std::move(owner_key)),
        verifier(client_verifier),
        principal(std::move(client_principal)),
        lease(now),
        opens(limits.opens_per_client),
        locks(limits.locks_per_client),
        grants(limits.grants_per_client),
        owners(limits, replies) {}

  const ClientId id;
  const OwnerKey key;
  const Verifier verifier;
  const Principal principal;
  std::string address;  // where it introduced itself from, for people; constant once others see it

  Lease lease;
  Held opens, locks, grants;
  Owners owners;

  /// Whether its record is in the state store.
  enum class Recorded : std::uint8_t { No, Writing, Yes };
  std::atomic<Recorded> recorded{Recorded::No};
  /// The last incarnation knew it, so it may reclaim until RECLAIM_COMPLETE or the end of grace.
  std::atomic<bool> reclaims{false};
  std::atomic<bool> reclaim_complete{false};
  /// Grace ended before its RECLAIM_COMPLETE.
  std::atomic<bool> cut_off{false};

  /// Sessions with a connection for callbacks.
  std::atomic<std::uint32_t> callback_paths{0};
  /// Revoked state that the client has not yet acknowledged (FREE_STATEID); for SEQUENCE's status.
  std::atomic<std::uint32_t> recallable_revoked{0};
  std::atomic<std::uint32_t> revoked_by_admin{0};
  /// An administrator took something that it does not know yet to be gone: its record says so, and after a restart it
  /// reclaims nothing.
  std::atomic<bool> taken_from{false};
  std::atomic<std::uint32_t> taking{0};  // administrators at work

  bool has_state() const noexcept { return opens.count() + locks.count() + grants.count() > 0; }
  ClientRecord record() const {
    return {.id = id,
            .key = key,
            .principal = principal,
            .reclaim_complete = reclaim_complete,
            .revoked = taken_from,
            .cut_off = cut_off};
  }

  /// Under the mutex of Clients.
  struct Book {
    std::vector<std::shared_ptr<Session>> sessions;
    CreateSessionSlot create;
    PersistToken recording = 0;
    PersistToken revoking = 0;
    PersistToken marking = 0;
    PersistToken completing = 0;  // RECLAIM_COMPLETE, which counts once it is on record
    bool marked = false;          // durably, as taken_from says
    Moment retry_at = 0;
    CallbackAddress callback;
    Verifier confirm = 0;
  };
  Book book;
};

}  // namespace ditto::state
