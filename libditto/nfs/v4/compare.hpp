// What VERIFY and NVERIFY have in common. Awaits the gate on the caller's loop.
#pragma once

#include <expected>

#include "base/task.hpp"
#include "nfs/v4/compound.hpp"

namespace ditto::nfs4 {

/// Whether the current filehandle's attributes have the values that are `given`.
Task<std::expected<bool, nfsstat4>> compare(Compound& compound, const fattr4& given);

}  // namespace ditto::nfs4
