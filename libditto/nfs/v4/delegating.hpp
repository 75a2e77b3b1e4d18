// Who is given a delegation with an OPEN or by WANT_DELEGATION, and of which kind (RFC 7530, 10.4; RFC 8881, 10.4 and
// 18.16.3): whoever can be called back, where nobody else is in the way just now or was a moment ago. What is given is
// a grant of state/, known to its client by a stateid (state/holdings) and to those who recall it (callbacks/). On the
// COMPOUND's loop.
#pragma once

#include <expected>
#include <optional>

#include "base/task.hpp"
#include "nfs/v4/callbacks/delegated.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/messages/delegation.hpp"
#include "state/clients/client.hpp"
#include "state/share_mode.hpp"

namespace ditto::nfs4 {

struct DelegationWish {
  Place place;
  /// Of the OPEN that succeeded; None: there is none.
  state::Share access = state::Share::None;
  std::uint32_t want = 0;  // OPEN4_SHARE_ACCESS_WANT_...
  /// The client had it before a restart: it is given if it still can be, and asked back where its holder cannot be
  /// called.
  open_delegation_type4 reclaimed = open_delegation_type4::OPEN_DELEGATE_NONE;
  bool reclaims = false;
};

/// A delegation that `client` is about to be given of `place`, as the grant `grant`: it has a stateid, is counted, and
/// can be recalled from here on; Callbacks::withdraw() takes that back. RESOURCE: there are too many; CONTENTION: the
/// client has one already. `change`: as Delegated has it.
std::expected<Delegated, why_no_delegation4> note_delegation(Compound& compound, state::Client& client,
                                                             const Place& place, state::GrantId grant,
                                                             DelegationKind kind, std::uint64_t change = 0);

/// What is said to whoever gets none, whatever there is on the file; nothing: ask give_delegation().
std::optional<open_delegation4> refuse_delegation(Compound& compound, state::Client& client,
                                                  const DelegationWish& wish);

/// What became of the wish, as OPEN says it in the version of `compound`. Everything is in place when it returns: a
/// recall may overtake the reply.
Task<open_delegation4> give_delegation(Compound& compound, state::Client& client, const DelegationWish& wish);

}  // namespace ditto::nfs4
