// Background work: times that are pending go to the store, objects follow the sizes of their files, what asynchronous
// shares owe is synced, and files that are quiet get checksums.
#include <algorithm>

#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/ditto/verifier.hpp"

namespace ditto::vfs {
namespace {

// Inodes locked at once: long enough to share a transaction, and below the 64 locks that ThreadSanitizer can follow.
constexpr std::size_t write_back_batch = 32;

const Credential& nobody_in_particular() noexcept {
  static const Credential root = Credential::root();
  return root;
}

}  // namespace

void DittoFs::enlist(Inode& inode) {
  if (inode.queued.exchange(true, std::memory_order_acq_rel)) return;
  const std::lock_guard lock(dirty_mutex_);
  dirty_.emplace_back(inode);
}

bool DittoFs::too_many_dirty() const noexcept {
  const std::lock_guard lock(dirty_mutex_);
  return dirty_.size() >= max_dirty();
}

void DittoFs::owe_sync(Inode& inode) {
  const std::lock_guard lock(dirty_mutex_);
  if (owed_.empty() || &*owed_.back() != &inode) owed_.emplace_back(inode);
}

void DittoFs::sync_owed() {
  std::vector<InodePin> inodes;
  {
    const std::lock_guard lock(dirty_mutex_);
    inodes.swap(owed_);
  }
  Context context{.who = nobody_in_particular(), .now = {}, .blocking = Blocking::Allowed};
  for (const InodePin& inode : inodes) {
    // Gone meanwhile is as good; a failed sync has been told to the verifier and the log.
    (void)sync_object(context, *inode);
  }
}

void DittoFs::write_back() {
  std::vector<InodePin> inodes;
  {
    const std::lock_guard lock(dirty_mutex_);
    inodes.swap(dirty_);
  }
  // What becomes dirty from here on is enlisted anew.
  for (const InodePin& inode : inodes) inode->queued.store(false, std::memory_order_release);
  for (std::size_t at = 0; at < inodes.size(); at += write_back_batch) {
    const std::size_t count = std::min(write_back_batch, inodes.size() - at);
    write_back_some(std::span(inodes).subspan(at, count));
  }
}

// One transaction for many inodes. One that somebody is changing just now is left for the next time.
void DittoFs::write_back_some(std::span<InodePin> inodes) {
  Context context{.who = nobody_in_particular(), .now = {}, .blocking = Blocking::Allowed};
  std::vector<std::unique_lock<std::mutex>> locks;
  std::vector<Draft> drafts;
  std::vector<Inode*> fenced;
  for (const InodePin& pin : inodes) {
    Inode& inode = *pin;
    std::unique_lock lock(inode.mutex, std::try_to_lock);
    if (!lock) {
      enlist(inode);
      continue;
    }
    if (inode.state().epoch != rollbacks_.epoch() && !refresh(context, inode)) {
      enlist(inode);
      continue;
    }
    if (inode.fence) fenced.push_back(&inode);
    if (!inode.pending_any()) continue;
    drafts.push_back({.inode = &inode});
    locks.push_back(std::move(lock));
  }
  if (!drafts.empty()) {
    const auto stamp = transact(
        context,
        [&](Step& step) -> Result<void> {
          for (Draft& draft : drafts) {
            const auto loaded = step.load(*draft.inode, draft);
            draft.gone = !loaded && loaded.error() == Error::Stale;
            if (!loaded && !draft.gone) return loaded;
            if (!draft.gone) step.store(draft);
          }
          return {};
        },
        Publish::Unstable);
    for (const Draft& draft : drafts) {
      if (!stamp) {
        enlist(*draft.inode);
      } else if (!draft.gone) {
        publish(draft, *stamp, Publish::Unstable);
      }
    }
    if (!stamp) log_.warn("Access times of files could not be written back: " + std::string(to_string(stamp.error())));
  }
  locks.clear();
  for (Inode* inode : fenced) follow_fence(context, *inode);
}

void DittoFs::follow_fence(Context& context, Inode& inode) {
  const std::unique_lock lock(inode.mutex, std::try_to_lock);
  if (!lock || !settle_tail(context, inode)) enlist(inode);
}

void DittoFs::maintain(Timestamp now) {
  if (auto reserved = reserve_ids(); !reserved) {
    log_.warn("No inode numbers can be reserved: " + std::string(to_string(reserved.error())));
  }
  sync_owed();
  write_back();
  reclaim_objects();
  reclaim_inodes();
  reclaim_ranges();
  verifier_->run(now);
}

}  // namespace ditto::vfs
