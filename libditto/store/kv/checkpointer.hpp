// Checkpointer: the thread that brings the durable state up to date with the journal: it freezes what has gathered in
// the overlay, waits until that is durable in the journal, syncs the objects whose contents the journal holds, applies
// everything through a CommitSink in one synced transaction, and gives the journal's segments back. It works when much
// has gathered, when something is old, and when writers find no room; nobody's reply waits for it. Owns its thread and
// nothing else; wake() may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "store/data/data_store.hpp"
#include "store/journal/journal.hpp"
#include "store/kv/commit_sink.hpp"
#include "store/kv/durable_tracker.hpp"
#include "store/kv/flusher.hpp"
#include "store/kv/journaled_objects.hpp"
#include "store/kv/overlay.hpp"
#include "store/kv/progress.hpp"
#include "store/kv/writability.hpp"

namespace ditto::store {

/// How long a change may be in the journal alone, unless the owner says otherwise: what a start has to replay.
inline constexpr std::chrono::milliseconds default_checkpoint_interval{5000};

class Checkpointer {
 public:
  struct Parts {
    Overlay& overlay;
    CommitSink& sink;
    journal::Journal& journal;
    JournaledObjects& objects;
    DataStore& data;
    DurableTracker& tracker;
    Flusher& flusher;
    Progress& progress;
    std::mutex& writer;  // the store's writer lock
    Writability& writability;
    Log& log;
  };

  Checkpointer(const Parts& parts, std::chrono::milliseconds interval);
  /// Applies everything that is there, and joins the thread. Nobody publishes any more.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// It is time, or somebody needs the room.
  void wake();

  /// How often everything that was there was applied, or could not be.
  std::uint64_t attempts() const noexcept { return attempts_.load(std::memory_order_acquire); }
  /// The last attempt found no space on the disk.
  bool out_of_space() const noexcept { return out_of_space_.load(std::memory_order_acquire); }
  /// How many there were.
  std::uint64_t checkpoints() const noexcept { return checkpoints_.load(std::memory_order_relaxed); }

 private:
  void run();
  void checkpoint();
  CommitOutcome apply(const Generation& generation);
  bool sync_objects(Lsn up_to);
  void give_up();

  const Parts parts_;
  const std::chrono::milliseconds interval_;
  std::shared_ptr<const Generation> frozen_;  // taken, not yet applied; the thread's own
  std::atomic<std::uint64_t> attempts_ = 0;
  std::atomic<bool> out_of_space_ = false;
  std::atomic<std::uint64_t> checkpoints_ = 0;
  std::mutex mutex_;  // guards wanted_ and stopping_
  std::condition_variable work_;
  bool wanted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ditto::store
