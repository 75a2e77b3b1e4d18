#include "vfs/ditto/locks.hpp"

#include <algorithm>
#include <thread>

#include "base/assert.hpp"

namespace ditto::vfs {
namespace {

// A transaction takes microseconds: a few tries on the loop cost less than a way through the pool.
constexpr int tries_on_a_loop = 4;

bool lock(Inode& inode, store::Blocking blocking) {
  if (blocking == store::Blocking::Allowed) {
    inode.mutex.lock();
    return true;
  }
  for (int i = 0; i < tries_on_a_loop; ++i) {
    if (inode.mutex.try_lock()) return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace

Result<InodeLocks> InodeLocks::take(std::initializer_list<Inode*> inodes, store::Blocking blocking) {
  DITTO_ASSERT(inodes.size() <= max);
  std::array<Inode*, max> wanted{};
  std::size_t count = 0;
  for (Inode* inode : inodes) {
    if (inode) wanted[count++] = inode;
  }
  const std::span<Inode*> sorted(wanted.data(), count);
  std::sort(sorted.begin(), sorted.end(), [](const Inode* a, const Inode* b) { return a->id() < b->id(); });
  InodeLocks locks;
  for (Inode* each : sorted) {
    if (locks.count_ > 0 && locks.inodes_[locks.count_ - 1] == each) continue;
    if (!lock(*each, blocking)) return fail(Error::WouldBlock);
    locks.inodes_[locks.count_++] = each;
  }
  return locks;
}

void InodeLocks::release() noexcept {
  while (count_ > 0) inodes_[--count_]->mutex.unlock();
}

}  // namespace ditto::vfs
