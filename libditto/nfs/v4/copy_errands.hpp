// The copying of what goes on by itself (offloads.hpp): one piece after the other in the blocking pool, never on a
// loop, by the rights that COPY had, as long as its stateids are good and its shares are there. Whoever holds what is
// in the way of a piece is asked for it, and it goes on when that is free. The client is told in the end (CB_OFFLOAD).
// Each is an errand of Outside, so that the server does not go before it. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/task.hpp"
#include "gate/actor.hpp"
#include "gate/share.hpp"
#include "nfs/common/outside.hpp"
#include "nfs/v4/callbacks/delegated.hpp"
#include "nfs/v4/copying.hpp"
#include "nfs/v4/offloads.hpp"

namespace ditto::nfs4 {

class Callbacks;
class Keeper;

struct CopyErrand {
  /// One of the two files, and by what right it is read or written.
  struct Side {
    std::uint64_t share = 0;
    stateid4 stateid;
    vfs::Credential who;
    vfs::IoRights rights = vfs::IoRights::Checked;
    state::Actor as;
  };
  Side source, target;
  Copying copying;
  state::ClientId client = state::nobody;
  std::uint32_t user = 0;                // as the client says
  std::array<std::uint8_t, 16> peer{};   // from where it asked
  nfs_fh4 handle;                        // of the target
  state::FileKey file;                   // the same
  std::optional<Delegated::Request> by;  // COPY, whose reply CB_OFFLOAD may overtake
  // Of the server.
  const gate::Shares& shares;
  Executor& pool;
  const Clock& clock;
};

class CopyErrands {
 public:
  CopyErrands(Callbacks& callbacks, const Keeper& keeper, nfs::Outside& outside, Offloads& offloads) noexcept
      : callbacks_(callbacks), keeper_(keeper), outside_(outside), offloads_(offloads) {}
  CopyErrands(const CopyErrands&) = delete;
  CopyErrands& operator=(const CopyErrands&) = delete;

  /// Its copy stateid. None: there are too many, and it does not go on by itself.
  std::optional<stateid4> begin(CopyErrand errand);

 private:
  Detached go_on(state::StateId id, CopyErrand errand, nfs::Outside::Errand under_way);
  Task<nfsstat4> copy_all(const state::StateId& id, CopyErrand& errand);
  Task<nfsstat4> copy_next(CopyErrand& errand, Executor& home);
  nfsstat4 judge(const CopyErrand& errand, const gate::Share& from, const gate::Share& to) const;
  void end(const state::StateId& id, const CopyErrand& errand, nfsstat4 status);

  Callbacks& callbacks_;
  const Keeper& keeper_;
  nfs::Outside& outside_;
  Offloads& offloads_;
};

}  // namespace ditto::nfs4
