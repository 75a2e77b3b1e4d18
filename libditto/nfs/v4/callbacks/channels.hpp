// The connections that clients may be called back on, by the numbers that sessions know them by. A connection is here
// from the moment that it is bound for callbacks until it goes (nfs/v4/link.hpp). Shared by the links and by who calls;
// any thread.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "rpc/remote.hpp"
#include "state/clients/session_types.hpp"

namespace ditto::nfs4 {

class Channels {
 public:
  void add(state::ConnectionId connection, std::shared_ptr<rpc::Remote> remote) {
    const std::lock_guard lock(mutex_);
    remotes_.insert_or_assign(connection, std::move(remote));
  }
  void remove(state::ConnectionId connection) {
    const std::lock_guard lock(mutex_);
    remotes_.erase(connection);
  }
  /// Null: there is none, or it is gone.
  std::shared_ptr<rpc::Remote> find(state::ConnectionId connection) const {
    const std::lock_guard lock(mutex_);
    const auto found = remotes_.find(connection);
    return found == remotes_.end() || found->second->gone() ? nullptr : found->second;
  }

 private:
  mutable std::mutex mutex_;  // guards remotes_; a leaf
  std::unordered_map<state::ConnectionId, std::shared_ptr<rpc::Remote>> remotes_;
};

}  // namespace ditto::nfs4
