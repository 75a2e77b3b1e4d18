// What is promised beyond the server's own life, through the gate: that an open which denies something is on record
// before its client is answered, and that after a restart nobody passes who would break what may still be claimed.
#pragma once

#include <span>

#include "base/task.hpp"
#include "gate/actor.hpp"
#include "gate/coordinator.hpp"

namespace ditto::gate {

/// The open `id`, which the actor has just got or added to, is on record where it has to be. False: it could not be;
/// whoever asks takes back what it has got.
Task<bool> keep_promise(Actor& actor, Coordinator& coordinator, const state::FileKey& file, state::OpenId id,
                        const state::Promise& promise);

/// The same of a delegation to write that is about to be given as the grant `grant`. Over with state::Lessened.
Task<bool> keep_delegation(Executor& home, Coordinator& coordinator, const state::FileKey& file, state::GrantId grant,
                           const state::Claimant& who);

/// What the last incarnation promised is kept for whoever grace awaits, and those who would break it wait. Before the
/// loops run; blocks. What is promised of a node that is gone by now is passed over.
void reserve(const Shares& shares, std::span<const state::ObjectRecord> promised, const Clock& clock);

}  // namespace ditto::gate
