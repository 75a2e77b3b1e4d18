// What each grant is to the NFSv4 client that holds it: a delegation's stateid, the filehandle that it was given for,
// and the request whose reply told of it. That is what CB_RECALL has to name; the grants themselves are in state/.
// Whoever gives a delegation notes it here before its reply leaves, and forgets it when it comes back. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "nfs/v4/types.hpp"
#include "state/caching.hpp"
#include "state/clients/session_types.hpp"

namespace ditto::nfs4 {

struct Delegated {
  state::ClientId client = state::nobody;
  stateid4 stateid;
  nfs_fh4 handle;
  /// NFSv4.1: in which slot, by which number, the client asked; a recall may overtake the reply (RFC 8881, 2.10.6.3).
  struct Request {
    state::SessionId session;
    std::uint32_t slot = 0, sequence = 0;
  };
  std::optional<Request> request;
};

class Delegations {
 public:
  void note(state::GrantId grant, const Delegated& as) {
    const std::lock_guard lock(mutex_);
    known_.insert_or_assign(grant, as);
  }
  void forget(state::GrantId grant) {
    const std::lock_guard lock(mutex_);
    known_.erase(grant);
  }
  std::optional<Delegated> find(state::GrantId grant) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(grant);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
  }
  void drop(state::ClientId client) {
    const std::lock_guard lock(mutex_);
    std::erase_if(known_, [&](const auto& each) { return each.second.client == client; });
  }

 private:
  mutable std::mutex mutex_;  // guards known_; a leaf
  std::unordered_map<state::GrantId, Delegated> known_;
};

}  // namespace ditto::nfs4
