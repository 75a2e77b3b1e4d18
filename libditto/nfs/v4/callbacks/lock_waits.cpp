#include "nfs/v4/callbacks/lock_waits.hpp"

#include <iterator>

namespace ditto::nfs4 {

void LockWaits::note(const state::FileKey& file, const state::LockOwner& owner, const nfs_fh4& handle,
                     state::Moment until) {
  const std::lock_guard lock(mutex_);
  OfClient& waits = clients_[owner.client];
  if (const auto known = waits.find({file, owner}); known != waits.end()) {
    known->second = {handle, until};
  } else if (waits.size() < most_of_a_client && size_ < most) {
    waits.emplace(std::pair(file, owner), Wait{handle, until});
    ++size_;
  }
  if (waits.empty()) clients_.erase(owner.client);
}

std::optional<nfs_fh4> LockWaits::take(const state::FileKey& file, const state::LockOwner& owner) {
  const std::lock_guard lock(mutex_);
  const auto client = clients_.find(owner.client);
  if (client == clients_.end()) return std::nullopt;
  const auto found = client->second.find({file, owner});
  if (found == client->second.end()) return std::nullopt;
  const nfs_fh4 handle = found->second.handle;
  client->second.erase(found);
  --size_;
  if (client->second.empty()) clients_.erase(client);
  return handle;
}

void LockWaits::drop(state::ClientId client) {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  size_ -= found->second.size();
  clients_.erase(found);
}

void LockWaits::advance(state::Moment now) {
  const std::lock_guard lock(mutex_);
  for (auto client = clients_.begin(); client != clients_.end();) {
    size_ -= std::erase_if(client->second, [&](const auto& wait) { return wait.second.until <= now; });
    client = client->second.empty() ? clients_.erase(client) : std::next(client);
  }
}

std::size_t LockWaits::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace ditto::nfs4
