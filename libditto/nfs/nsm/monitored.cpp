#include "nfs/nsm/monitored.hpp"

#include <exception>
#include <limits>
#include <utility>

namespace ditto::nsm {

/// With saving_ held: what there is, and `more`.
Result<void> Monitored::save(const Peer* more) {
  Kept kept;
  {
    const std::lock_guard lock(mutex_);
    kept.state = state_;
    Peers all = untold_;
    all.insert(peers_.begin(), peers_.end());
    if (more) all.insert(*more);
    kept.peers.assign(all.begin(), all.end());
  }
  return keeper_.save(kept);
}

/// With saving_ held: the next odd state, in which everybody is to be told.
Result<std::vector<Peer>> Monitored::advance() {
  std::vector<Peer> to_tell;
  {
    const std::lock_guard lock(mutex_);
    constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max() - 2;
    state_ = state_ < 0 || state_ >= most ? 1 : (state_ + 1) | 1;
    untold_.merge(peers_);
    peers_.clear();
    to_tell.assign(untold_.begin(), untold_.end());
  }
  if (const auto saved = save(nullptr); !saved) return fail(saved.error());
  return to_tell;
}

Result<std::vector<Peer>> Monitored::start() {
  const std::lock_guard saving(saving_);
  auto kept = keeper_.load();
  if (!kept) return fail(kept.error());
  {
    const std::lock_guard lock(mutex_);
    state_ = kept->state;
    untold_.insert(kept->peers.begin(), kept->peers.end());
  }
  return advance();
}

Result<std::vector<Peer>> Monitored::crash() {
  const std::lock_guard saving(saving_);
  return advance();
}

std::int32_t Monitored::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool Monitored::has(const Peer& peer) const {
  const std::lock_guard lock(mutex_);
  return peers_.contains(peer);
}

bool Monitored::add(const Peer& peer, FunctionRef<bool(const Peer&)> in_use) noexcept {
  try {
    const std::lock_guard saving(saving_);
    {
      const std::lock_guard lock(mutex_);
      if (peers_.contains(peer)) return true;
      std::erase_if(peers_, [&](const Peer& other) { return !in_use(other); });
      if (peers_.size() >= max_peers) return false;
    }
    if (!save(&peer)) return false;
    const std::lock_guard lock(mutex_);
    peers_.insert(peer);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void Monitored::told(const Peer& peer) {
  const std::lock_guard lock(mutex_);
  untold_.erase(peer);
}

std::size_t Monitored::size() const {
  const std::lock_guard lock(mutex_);
  return peers_.size();
}

}  // namespace ditto::nsm
