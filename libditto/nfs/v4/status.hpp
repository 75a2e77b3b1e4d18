// nfsstat4 for every way of failing that Ditto knows. What only one operation says differently is that operation's own.
// Pure, any thread.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "nfs/v4/nfsstat4.hpp"
#include "state/refusal.hpp"

namespace ditto::nfs4 {

/// `minor` is the minor version of the COMPOUND: a few errors have a name of their own since version 1.
nfsstat4 status_of(Error error, std::uint32_t minor) noexcept;

/// What a refusal of state/ is called.
nfsstat4 status_of(state::Refusal refusal, std::uint32_t minor) noexcept;

}  // namespace ditto::nfs4
