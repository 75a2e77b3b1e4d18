// Flusher: the thread that syncs the journal when somebody waits for it, one sync for all who do, and at least once in
// an interval, and tells the DurableTracker. What cannot be written it takes back: the overlay loses it, the
// StoreListener hears of it, then every waiter. Owns its thread and nothing else; wake() may be called from any
// thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "store/journal/journal.hpp"
#include "store/kv/durable_tracker.hpp"
#include "store/kv/kv_store.hpp"
#include "store/kv/overlay.hpp"
#include "store/kv/progress.hpp"
#include "store/kv/writability.hpp"

namespace ditto::store {

/// How long what nobody waits for may stay unsynced, unless the owner says otherwise.
inline constexpr std::chrono::milliseconds default_flush_interval{1000};

class Flusher {
 public:
  struct Parts {
    journal::Journal& journal;
    Overlay& overlay;
    DurableTracker& tracker;
    Progress& progress;
    std::mutex& writer;  // the store's writer lock: who holds it may publish
    Writability& writability;
    Log& log;
  };

  Flusher(const Parts& parts, std::chrono::milliseconds interval);
  /// Syncs everything that was appended, and joins the thread. Nobody appends any more.
  ~Flusher();
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

  /// How long what nobody waits for may stay unsynced from now on. Any thread.
  void set_interval(std::chrono::milliseconds interval);

  /// Somebody waits for a number that is not durable yet.
  void wake();

  /// Set before anything is published.
  void set_listener(StoreListener* listener) noexcept { listener_ = listener; }

 private:
  void run();
  void flush();
  void take_back(Error why);

  const Parts parts_;
  StoreListener* listener_ = nullptr;
  std::mutex mutex_;  // guards interval_, wanted_ and stopping_
  std::condition_variable work_;
  std::chrono::milliseconds interval_;
  bool journal_broken_ = false;  // the thread's own
  bool wanted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ditto::store
