// Committer: the thread that takes what has been published to the overlay, makes it durable through a CommitSink, all
// that has arrived at once and one commit at a time, and tells the DurableTracker. What cannot be made durable it takes
// back: the overlay returns to the durable state, the RollbackListener hears of it, then every waiter. Owns its thread
// and nothing else; wake() and room may be used from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "store/kv/commit_sink.hpp"
#include "store/kv/durable_tracker.hpp"
#include "store/kv/kv_store.hpp"
#include "store/kv/overlay.hpp"

namespace ditto::store {

/// Memory that may await the committer. Beyond it, writers wait for it or are told WouldBlock.
inline constexpr std::size_t max_backlog_bytes = std::size_t{64} << 20;

class Committer {
 public:
  /// `writer` is the store's writer lock: who holds it may publish. Everything outlives the committer.
  Committer(Overlay& overlay, CommitSink& sink, DurableTracker& tracker, std::mutex& writer, Log& log);
  /// Makes everything durable that has been published, and joins the thread. Nobody publishes any more.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// Something has been published.
  void wake();

  bool has_room() const noexcept { return overlay_.backlog().size_bytes < max_backlog_bytes; }
  /// Blocks until there is room for more.
  void wait_for_room();

  /// After a commit that Failed, nothing is taken any more. Changes only under the writer lock.
  bool read_only() const noexcept { return read_only_.load(std::memory_order_acquire); }

  /// Set before anything is published.
  void set_rollback_listener(RollbackListener* listener) noexcept { listener_ = listener; }

 private:
  void run();
  void commit(const Generation& generation);
  void take_back(CommitOutcome outcome);

  Overlay& overlay_;
  CommitSink& sink_;
  DurableTracker& tracker_;
  std::mutex& writer_;
  Log& log_;
  RollbackListener* listener_ = nullptr;
  Lsn settled_;                          // greatest number that is durable or lost; the committer's thread only
  std::atomic<bool> read_only_ = false;  // written under writer_
  std::mutex mutex_;                     // guards wanted_ and stopping_
  std::condition_variable work_;
  std::condition_variable room_;
  bool wanted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ditto::store
