#include "vfs/acl/shared_lists.hpp"

#include <algorithm>

namespace ditto::vfs {

/// A list that is counted while it is there.
struct SharedLists::Kept {
  Kept(const Acl& list, std::shared_ptr<std::atomic<std::size_t>> counted)
      : acl(list), total(std::move(counted)), size(sizeof(Kept) + acl.aces.capacity() * sizeof(Ace)) {
    total->fetch_add(size, std::memory_order_relaxed);
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() { total->fetch_sub(size, std::memory_order_relaxed); }

  const Acl acl;
  const std::shared_ptr<std::atomic<std::size_t>> total;
  const std::size_t size;
};

std::shared_ptr<const Acl> SharedLists::share(std::uint64_t id, const Acl& acl) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<const Acl>& place = lists_[id];
  // An id may come again with another list.
  if (auto there = place.lock(); there && *there == acl) return there;
  const auto kept = std::make_shared<const Kept>(acl, bytes_);
  std::shared_ptr<const Acl> shared(kept, &kept->acl);
  place = shared;
  if (lists_.size() >= sweep_at_) drop_expired();
  return shared;
}

void SharedLists::drop_expired() {
  constexpr std::size_t least = 64;
  std::erase_if(lists_, [](const auto& list) { return list.second.expired(); });
  sweep_at_ = std::max(least, lists_.size() * 2);
}

}  // namespace ditto::vfs
