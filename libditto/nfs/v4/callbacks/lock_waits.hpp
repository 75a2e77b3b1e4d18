// Which clients poll for which locks, and by which filehandle each knows the file: what CB_NOTIFY_LOCK has to say
// (RFC 8881, 20.11). Whether a lock is free is not known here. Bounded; who finds no room polls without being told.
// Any thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "nfs/v4/types.hpp"
#include "state/lock_table.hpp"

namespace ditto::nfs4 {

class LockWaits {
 public:
  static constexpr std::size_t most = 65536, most_of_a_client = 4096;

  /// Before it asks for the lock: it may be free a moment later.
  void note(const state::FileKey& file, const state::LockOwner& owner, const nfs_fh4& handle, state::Moment until);
  void forget(const state::FileKey& file, const state::LockOwner& owner) { (void)take(file, owner); }
  /// The filehandle, and the wait is over. None: nobody waits there.
  std::optional<nfs_fh4> take(const state::FileKey& file, const state::LockOwner& owner);
  void drop(state::ClientId client);
  /// Who has not asked again until now does not wait any more.
  void advance(state::Moment now);
  std::size_t size() const;

 private:
  struct Wait {
    nfs_fh4 handle;
    state::Moment until = 0;
  };
  using OfClient = std::map<std::pair<state::FileKey, state::LockOwner>, Wait>;

  mutable std::mutex mutex_;  // guards the rest; a leaf
  std::map<state::ClientId, OfClient> clients_;
  std::size_t size_ = 0;
};

}  // namespace ditto::nfs4
