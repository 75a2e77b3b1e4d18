// One step in the tree that NFSv4 shows, which is one above all shares: LOOKUP goes from the pseudo root into a share,
// LOOKUPP from a share's root back to it. Awaits the gate on the caller's loop.
#pragma once

#include <expected>

#include "base/task.hpp"
#include "nfs/v4/compound.hpp"

namespace ditto::nfs4 {

/// What `name` names in the directory `at`.
Task<std::expected<Place, nfsstat4>> walk(Compound& compound, const Place& at, const component4& name);

/// The directory above the directory `at`. NOENT: there is none.
Task<std::expected<Place, nfsstat4>> walk_up(Compound& compound, const Place& at);

}  // namespace ditto::nfs4
