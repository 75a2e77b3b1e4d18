#include "store/kv/flusher.hpp"

#include <fmt/format.h>

#include "store/background_thread.hpp"

namespace ditto::store {

Flusher::Flusher(const Parts& parts, std::chrono::milliseconds interval) : parts_(parts), interval_(interval) {
  thread_ = start_background_thread("ditto-flush", [](void* self) { static_cast<Flusher*>(self)->run(); }, this);
}

Flusher::~Flusher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void Flusher::set_interval(std::chrono::milliseconds interval) {
  {
    const std::lock_guard lock(mutex_);
    interval_ = interval;
  }
  wake();
}

void Flusher::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_) return;
    wanted_ = true;
  }
  work_.notify_one();
}

void Flusher::run() {
  for (bool stopping = false; !stopping;) {
    {
      std::unique_lock lock(mutex_);
      work_.wait_for(lock, interval_, [&] { return wanted_ || stopping_; });
      wanted_ = false;
      stopping = stopping_;
    }
    flush();
    parts_.progress.made();
  }
}

void Flusher::flush() {
  if (journal_broken_) return;
  const auto durable = parts_.journal.sync();
  if (!durable) return take_back(durable.error());
  parts_.tracker.advance(*durable);
  // A store that has become read-only for another reason still owes what was appended before, and needs no room.
  if (parts_.writability.read_only()) return;
  // Writers hear of it when they find no room.
  (void)parts_.journal.prepare();
}

void Flusher::take_back(Error why) {
  const bool full = why == Error::NoSpace;
  journal_broken_ = !full;
  // What was written may still be synced; after a failed sync only what was durable before is certain.
  Lsn kept = 0, last = 0;
  std::string line;
  {
    const std::lock_guard writer(parts_.writer);
    kept = full ? parts_.journal.written() : parts_.tracker.durable();
    last = parts_.overlay.last();
    parts_.journal.discard_unwritten();
    parts_.overlay.discard_after(kept);
    if (!full) {
      line = parts_.writability.become_read_only(
          fmt::format("its journal could not be written, and {} unsynced changes were taken back", last - kept),
          "look after the disk, then restart the server");
    }
    if (listener_ != nullptr) listener_->rolled_back(kept);
  }
  if (full) {
    parts_.log.warn(fmt::format("The disk is full: {} unsynced changes were taken back.", last - kept));
  } else {
    parts_.log.error(line);
  }
  if (kept < last) parts_.tracker.take_back(kept + 1, last, full ? Error::NoSpace : Error::Io);
}

}  // namespace ditto::store
