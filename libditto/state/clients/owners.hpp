// The open owners and lock owners of one NFSv4.0 client, by name. Owners that hold nothing are kept for retransmissions
// while there is room, and forgotten after a lease. Any thread; a table's mutex is held before an owner's.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "state/clients/limits.hpp"
#include "state/clients/owner_sequence.hpp"

namespace ditto::state {

class Owners {
 public:
  Owners(const ClientLimits& limits, ReplyBudget& replies) noexcept : limits_(limits), replies_(replies) {}

  struct Begun {
    std::shared_ptr<OwnerSequence> owner;
    OwnerSequenced sequenced;
  };
  /// A request that names its owner: OPEN, or the first LOCK of a lock owner. Makes the owner if it is new.
  Answer<Begun> begin(OwnerKind kind, std::string_view owner, const OwnerRequest& request, Moment now);

  /// RELEASE_LOCKOWNER: forgets a lock owner; LocksHeld if it still has locks. Unknown ones are gone already. RFC
  /// 7530, 16.37.
  Answer<void> release_lock_owner(std::string_view owner);

  /// Forgets what was idle for a lease. Owners whose OPEN was not confirmed for as long go too, and are returned: what
  /// they have open is to be dropped (16.18.5).
  std::vector<std::shared_ptr<OwnerSequence>> expire(Moment now);

  std::size_t count() const;

 private:
  struct Name {
    OwnerKind kind;
    std::string owner;
    friend auto operator<=>(const Name&, const Name&) = default;
  };

  bool make_room();

  const ClientLimits limits_;
  ReplyBudget& replies_;
  mutable std::mutex mutex_;
  std::map<Name, std::shared_ptr<OwnerSequence>> owners_;
};

}  // namespace ditto::state
