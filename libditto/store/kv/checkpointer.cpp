#include "store/kv/checkpointer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/background_thread.hpp"

namespace ditto::store {
namespace {

/// How soon a disk that was full is tried again.
constexpr std::chrono::milliseconds retry_interval{500};

}  // namespace

Checkpointer::Checkpointer(const Parts& parts, std::chrono::milliseconds interval)
    : parts_(parts), interval_(interval) {
  thread_ = start_background_thread("ditto-apply", [](void* self) { static_cast<Checkpointer*>(self)->run(); }, this);
}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void Checkpointer::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_) return;
    wanted_ = true;
  }
  work_.notify_one();
}

void Checkpointer::run() {
  let_others_go_first();  // Linux would let it end its milliseconds before the thread that answers
  for (bool stopping = false; !stopping;) {
    {
      std::unique_lock lock(mutex_);
      const auto patience = frozen_ != nullptr ? std::min(interval_, retry_interval) : interval_;
      work_.wait_for(lock, patience, [&] { return wanted_ || stopping_; });
      wanted_ = false;
      stopping = stopping_;
    }
    checkpoint();
    attempts_.fetch_add(1, std::memory_order_release);
    parts_.progress.made();
    // Changes that came meanwhile are applied at the end; otherwise they wait for their turn.
    if (stopping && frozen_ == nullptr) checkpoint();
    if (!stopping) (void)parts_.journal.fill_one();
  }
}

void Checkpointer::checkpoint() {
  if (parts_.writability.read_only()) return;
  if (frozen_ == nullptr) frozen_ = parts_.overlay.freeze();
  if (frozen_ == nullptr) return;
  const std::shared_ptr<const Generation> generation = frozen_;
  parts_.flusher.wake();
  if (!parts_.tracker.wait_durable(generation->last())) {
    frozen_.reset();  // some of it was taken back; what remains is in the youngest generation now
    return;
  }
  const CommitOutcome outcome = apply(*generation);
  const bool was_full = out_of_space_.exchange(outcome == CommitOutcome::NoSpace, std::memory_order_acq_rel);
  switch (outcome) {
    case CommitOutcome::Durable:
      ++checkpoints_;
      frozen_.reset();
      parts_.overlay.drop(*generation);
      parts_.objects.all_synced(generation->last());
      parts_.journal.release(generation->last());
      return;
    case CommitOutcome::NoSpace:
      if (!was_full) {
        parts_.log.warn("The disk is full: changes stay in the journal until there is room, and soon none are taken.");
      }
      return;
    case CommitOutcome::Failed: give_up(); return;
  }
}

CommitOutcome Checkpointer::apply(const Generation& generation) {
  return sync_objects(generation.last()) ? parts_.sink.commit(generation) : CommitOutcome::Failed;
}

bool Checkpointer::sync_objects(Lsn up_to) {
  return std::ranges::all_of(parts_.objects.up_to(up_to),
                             [&](ObjectId object) { return parts_.data.sync(object).has_value(); });
}

// The journal has everything, and the overlay shows it; a restart finds out what the disk has.
void Checkpointer::give_up() {
  std::string line;
  {
    const std::lock_guard writer(parts_.writer);
    line = parts_.writability.become_read_only(
        "what its journal holds could not be brought to its place (nothing that was acknowledged is lost)",
        "look after the disk, then restart the server");
  }
  parts_.log.error(line);
}

}  // namespace ditto::store
