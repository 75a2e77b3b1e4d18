// What is held in a tree for longer than a call, through the gate: opens, and byte-range locks. Coroutines on the
// actor's loop, beside the operations of gate/gate.hpp and under the same rules: whatever conflicts is asked to give
// way, and whoever must wait does so for a moment (gate::patience) before the client is told to come again.
#pragma once

#include <expected>

#include "base/task.hpp"
#include "gate/gate.hpp"

namespace ditto::gate {

/// Why something could not be had: the file system, or what others hold.
class Obstacle {
 public:
  Obstacle(Error error) noexcept : error_(error) {}  // NOLINT(google-explicit-constructor)
  // NOLINTNEXTLINE(google-explicit-constructor)
  Obstacle(state::Refusal refusal) noexcept : error_(error_of(refusal)), refusal_(refusal) {}

  Error error() const noexcept { return error_; }
  const std::optional<state::Refusal>& refusal() const noexcept { return refusal_; }

 private:
  Error error_;
  std::optional<state::Refusal> refusal_;
};

struct OpenRequest {
  state::Open open;
  state::Operation how = state::Operation::OpenRead;
  vfs::Access wanted{};  // AccessDenied unless the actor has all of it; None: it was checked otherwise
  const state::Promise* promise = nullptr;      // none: nothing of it outlives the server
  vfs::FileType type = vfs::FileType::Regular;  // or Directory; IsDirectory, NotDirectory, WrongType
};

/// The actor opens a file, or a directory. It stays usable until close_open(), whatever happens to its names. What is
/// promised of it is durable then; if it cannot be made so, the open is gone again.
Task<std::expected<vfs::Attributes, Obstacle>> open_node(Actor& actor, const Share& share, vfs::NodeId node,
                                                         const OpenRequest& request);
/// More access or more to deny for an open that is there.
Task<std::expected<vfs::Attributes, Obstacle>> upgrade_open(Actor& actor, const Share& share, vfs::NodeId node,
                                                            state::OpenId open, const state::ShareMode& more,
                                                            vfs::Access wanted,
                                                            const state::Promise* promise = nullptr);
state::Answer<void> downgrade_open(const Share& share, vfs::NodeId node, state::OpenId open,
                                   const state::ShareMode& less);
/// False: there is no such open.
bool close_open(const Share& share, vfs::NodeId node, state::OpenId open);

/// A caching grant on a regular file that the holder need not have open, or on a directory. None: what others hold, or
/// the file system, does not allow it.
Task<std::optional<state::Grant>> grant_node(Actor& actor, const Share& share, vfs::NodeId node,
                                             const state::GrantTable::Wanted& wanted,
                                             vfs::FileType type = vfs::FileType::Regular);

struct LockTry {
  state::ByteLock lock;
  state::Waiting waiting = state::Waiting::No;
  state::Moment until = state::never;
  /// Parked: resumed once the lock is held, or will not be. Outlives that.
  TicketWait* wait = nullptr;
};
struct LockTried {
  state::LockOutcome outcome;
  state::TicketId ticket = 0;  // of a parked request
};

/// The actor asks for bytes of a regular file.
Task<std::expected<LockTried, Obstacle>> lock_bytes(Actor& actor, const Share& share, vfs::NodeId node,
                                                    const LockTry& wanted);
/// A client holds what the actor wants. True: its lease had run out, and it is worth trying again now that it is gone.
/// The functions above do so by themselves.
Task<bool> yields(Actor& actor, const Share& share, state::ClientId in_the_way);
/// The lock that `wanted` would meet; none: it would be granted.
std::optional<state::ByteLock> test_bytes(const Share& share, vfs::NodeId node, const state::ByteLock& wanted);
/// As LockQueue::unlock.
state::Answer<bool> unlock_bytes(Actor& actor, const Share& share, vfs::NodeId node, const state::LockOwner& owner,
                                 const state::ByteRange& range);
/// All locks of an owner.
std::size_t unlock_owner(Actor& actor, const Share& share, vfs::NodeId node, const state::LockOwner& owner);

}  // namespace ditto::gate
