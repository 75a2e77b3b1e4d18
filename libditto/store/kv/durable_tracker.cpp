#include "store/kv/durable_tracker.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>

namespace ditto::store {
namespace {

/// Unlinks from `list` every wait for which `take` holds, in the order of their numbers.
template <class Take>
std::vector<DurableWait*> extract(DurableWait*& list, Take take) {
  std::vector<DurableWait*> taken;
  DurableWait** link = &list;
  while (*link != nullptr) {
    DurableWait* wait = *link;
    if (take(*wait)) {
      *link = wait->next;
      taken.push_back(wait);
    } else {
      link = &wait->next;
    }
  }
  std::ranges::reverse(taken);  // the list has the newest first
  std::ranges::sort(taken, {}, &DurableWait::lsn);
  return taken;
}

struct BlockingWait : DurableWait {
  std::mutex mutex;  // guards finished and outcome
  std::condition_variable changed;
  bool finished = false;
  Result<void> outcome;
};

}  // namespace

void DurableTracker::when_durable(DurableWait& wait) {
  // The flag is read after the number: a loss is recorded before any later number becomes durable.
  if (wait.lsn <= durable_.load() && !any_lost_.load()) return wait.done(&wait, {});
  std::unique_lock lock(mutex_);
  if (const LostRange* lost = find_lost(wait.lsn)) {
    const Error why = lost->why;
    lock.unlock();
    return wait.done(&wait, fail(why));
  }
  if (wait.lsn <= durable_.load()) {
    lock.unlock();
    return wait.done(&wait, {});
  }
  wait.next = waiting_;
  waiting_ = &wait;
}

Result<void> DurableTracker::wait_durable(Lsn lsn) {
  BlockingWait wait;
  wait.lsn = lsn;
  wait.done = [](DurableWait* self, Result<void> outcome) {
    auto* mine = static_cast<BlockingWait*>(self);
    // Notified under the lock: once it is released, `mine` may be gone.
    std::lock_guard lock(mine->mutex);
    mine->outcome = outcome;
    mine->finished = true;
    mine->changed.notify_one();
  };
  when_durable(wait);
  std::unique_lock lock(wait.mutex);
  wait.changed.wait(lock, [&] { return wait.finished; });
  return wait.outcome;
}

void DurableTracker::advance(Lsn durable) {
  // The listener may have gone, unless there is something new.
  if (durable <= durable_.load()) return;
  if (listener_ != nullptr) listener_->made_durable(durable);
  std::vector<DurableWait*> ready;
  {
    std::lock_guard lock(mutex_);
    if (durable <= durable_.load()) return;
    durable_.store(durable);
    ready = extract(waiting_, [&](const DurableWait& wait) { return wait.lsn <= durable; });
  }
  for (DurableWait* wait : ready) wait->done(wait, {});
}

void DurableTracker::take_back(Lsn first, Lsn last, Error why) {
  std::vector<DurableWait*> lost;
  {
    std::lock_guard lock(mutex_);
    remember_lost({first, last, why});
    any_lost_.store(true);
    lost = extract(waiting_, [&](const DurableWait& wait) { return wait.lsn >= first && wait.lsn <= last; });
  }
  for (DurableWait* wait : lost) wait->done(wait, fail(why));
}

DurableTracker::~DurableTracker() {
  std::vector<DurableWait*> rest;
  {
    std::lock_guard lock(mutex_);
    rest = extract(waiting_, [](const DurableWait&) { return true; });
  }
  for (DurableWait* wait : rest) wait->done(wait, fail(Error::Cancelled));
}

const DurableTracker::LostRange* DurableTracker::find_lost(Lsn lsn) const {
  const auto range = std::ranges::lower_bound(lost_, lsn, {}, &LostRange::last);
  return range != lost_.end() && range->first <= lsn ? &*range : nullptr;
}

void DurableTracker::remember_lost(LostRange range) {
  if (!lost_.empty()) range.first = std::max(range.first, lost_.back().last + 1);
  if (range.first > range.last) return;
  if (!lost_.empty() && lost_.back().last + 1 == range.first && lost_.back().why == range.why) {
    lost_.back().last = range.last;
    return;
  }
  lost_.push_back(range);
  if (lost_.size() > max_lost_ranges) {
    lost_[1].first = lost_[0].first;
    lost_.erase(lost_.begin());
  }
}

}  // namespace ditto::store
