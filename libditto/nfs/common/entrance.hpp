// How every version's procedures come into a share: from the bytes of a filehandle to a share that admits the caller,
// and from there to an actor with squashed credentials and a gate. One place, so that no procedure can forget a check.
// Nothing here allocates. An Entrance lives in its handler's coroutine and refers to the call and to the share, which
// outlive it; the handler's loop is its only thread.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "gate/gate.hpp"
#include "rpc/call.hpp"
#include "vfs/attributes.hpp"
#include "vfs/credential.hpp"

namespace ditto::nfs {

/// A node that the caller named, in a share that admits the caller.
struct Located {
  const gate::Share* share;
  vfs::NodeId node;
};

/// Who `call` acts as in `share`: what AUTH_SYS claims, after squash. AUTH_NONE is the share's anonymous user.
vfs::Credential credential_of(const rpc::Call& call, const gate::Share& share) noexcept;

/// The node that `filehandle` names. BadHandle: it was never ours, or is forged; Stale: its share is no longer
/// exported; AccessDenied: the share does not admit the caller's address. Whether the node still exists is seen when it
/// is used.
Result<Located> locate(const gate::Shares& shares, const rpc::Call& call, Bytes filehandle) noexcept;

class Entrance {
 public:
  Entrance(rpc::Call& call, const gate::Share& share, vfs::IoRights rights = vfs::IoRights::Stateless) noexcept;
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;

  const gate::Share& share() const noexcept { return gate.share(); }
  /// The caller after squash.
  const vfs::Credential& who() const noexcept { return actor_.who; }
  /// For what is held longer than a call (gate/held.hpp): as which holder, and by which open, is the caller's to say.
  gate::Actor& actor() noexcept { return actor_; }

 private:
  gate::Actor actor_;

 public:
  gate::Gate gate;
};

}  // namespace ditto::nfs
