#include "nfs/mount/mount_table.hpp"

#include <algorithm>

namespace ditto::mount {

void MountTable::add(const Address& peer, std::string_view path) {
  const std::lock_guard lock(mutex_);
  const auto same = [&](const Mount& mount) { return mount.peer == peer && mount.path == path; };
  if (std::ranges::any_of(mounts_, same)) return;
  if (mounts_.size() == max_mounts) mounts_.pop_front();
  mounts_.push_back({peer, std::string(path)});
}

void MountTable::remove(const Address& peer, std::string_view path) {
  const std::lock_guard lock(mutex_);
  std::erase_if(mounts_, [&](const Mount& mount) { return mount.peer == peer && mount.path == path; });
}

void MountTable::remove_all(const Address& peer) {
  const std::lock_guard lock(mutex_);
  std::erase_if(mounts_, [&](const Mount& mount) { return mount.peer == peer; });
}

std::vector<MountTable::Mount> MountTable::list() const {
  const std::lock_guard lock(mutex_);
  return {mounts_.begin(), mounts_.end()};
}

}  // namespace ditto::mount
