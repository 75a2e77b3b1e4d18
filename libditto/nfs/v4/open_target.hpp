// The file that an OPEN is about: found by its claim, or made, before anything is held. Awaits the gate on the caller's
// loop.
#pragma once

#include <expected>

#include "base/task.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/messages/open.hpp"
#include "state/operation.hpp"
#include "vfs/access.hpp"

namespace ditto::nfs4 {

struct OpenTarget {
  Place place;
  bool created = false;    // just now: whoever makes a file may open it, whatever its mode is
  bool truncates = false;  // an OPEN that was to make the file, with a size of 0, and found it
  change_info4 directory;
  bitmap4 attributes_set;

  /// What the opener must be allowed to do. `exec`: running it instead of reading it.
  vfs::Access access(const state::ShareMode& mode, bool exec) const noexcept;
  state::Operation operation(const state::ShareMode& mode) const noexcept;
};

Task<std::expected<OpenTarget, nfsstat4>> open_target(Compound& compound, const OPEN4args& args);

/// Why a node cannot be opened: what is no regular file has its own status (RFC 7530, 16.16.5; RFC 8881, 18.16.3).
nfsstat4 target_failure(const Compound& compound, Error error) noexcept;

/// The current filehandle goes to the file that an OPEN which was answered before has opened, whatever its names are by
/// now. Nothing waits: a replay is given as it was.
void move_to_replayed(Compound& compound, const stateid4& opened);

}  // namespace ditto::nfs4
