#include "store/kv/committer.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "store/background_thread.hpp"

namespace ditto::store {

Committer::Committer(Overlay& overlay, CommitSink& sink, DurableTracker& tracker, std::mutex& writer, Log& log)
    : overlay_(overlay), sink_(sink), tracker_(tracker), writer_(writer), log_(log), settled_(tracker.durable()) {
  thread_ = start_background_thread("ditto-commit", [](void* self) { static_cast<Committer*>(self)->run(); }, this);
}

Committer::~Committer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void Committer::wake() {
  {
    std::lock_guard lock(mutex_);
    if (wanted_) return;
    wanted_ = true;
  }
  work_.notify_one();
}

void Committer::wait_for_room() {
  if (has_room()) return;
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return has_room(); });
}

void Committer::run() {
  for (bool stopping = false; !stopping;) {
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [&] { return wanted_ || stopping_; });
      wanted_ = false;
      stopping = stopping_;
    }
    while (const auto generation = overlay_.freeze()) {
      commit(*generation);
      {
        std::lock_guard lock(mutex_);
      }  // whoever found no room under the lock is waiting by now
      room_.notify_all();
    }
  }
}

void Committer::commit(const Generation& generation) {
  const Lsn last = generation.last();
  DITTO_ASSERT(last > settled_);
  const CommitOutcome outcome = sink_.commit(generation);
  if (outcome != CommitOutcome::Durable) return take_back(outcome);
  overlay_.drop(generation);
  settled_ = last;
  tracker_.advance(last);
}

void Committer::take_back(CommitOutcome outcome) {
  const Lsn durable = tracker_.durable();
  Lsn last = 0;
  {
    std::lock_guard writer(writer_);
    last = overlay_.last();
    overlay_.discard();
    if (outcome == CommitOutcome::Failed) read_only_.store(true, std::memory_order_release);
    if (listener_ != nullptr) listener_->rolled_back(durable);
  }
  if (outcome == CommitOutcome::Failed) {
    log_.error(fmt::format(
        "The store could not write its metadata ({} unsynced changes were taken back) and is read-only from now on: "
        "look after the disk, then restart.",
        last - settled_));
  } else {
    log_.warn(fmt::format("The disk is full: {} unsynced changes were taken back.", last - settled_));
  }
  const Lsn first = settled_ + 1;
  settled_ = last;
  tracker_.take_back(first, last, outcome == CommitOutcome::Failed ? Error::Io : Error::NoSpace);
}

}  // namespace ditto::store
