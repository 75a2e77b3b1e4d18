// MemoryKv: the KvStore that keeps everything in memory, for `:memory:` stores and most tests. Nothing survives it. One
// ordered map under one reader-writer lock: views share it, transactions have it alone. By default a change is durable
// at once; in manual mode whoever owns the store decides when changes become durable or are taken back, as a disk
// would. Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

#include "store/kv/durable_tracker.hpp"
#include "store/kv/kv_store.hpp"

namespace ditto::store {

class MemoryKv final : public KvStore {
 public:
  enum class Durability : bool { AtOnce, Manual };

  explicit MemoryKv(Durability durability = Durability::AtOnce) : durability_(durability) {}

  Result<Lsn> transact(FunctionRef<Result<void>(KvTransaction&)> body, Blocking blocking, Lsn* seen = nullptr) override;
  Result<void> view(FunctionRef<Result<void>(KvReader&)> body, Blocking blocking) override;
  Lsn durable() const noexcept override { return tracker_.durable(); }
  void when_durable(DurableWait& wait) override { tracker_.when_durable(wait); }
  Result<void> wait_durable(Lsn lsn) override { return tracker_.wait_durable(lsn); }
  void set_listener(StoreListener* listener) override {
    listener_ = listener;
    tracker_.set_listener(listener);
  }

  /// Manual mode: everything up to `lsn` is durable now.
  void make_durable(Lsn lsn);
  /// Manual mode: undoes everything that is not durable; whoever waits for it hears `why`.
  void take_back(Error why);
  /// The number of the last change.
  Lsn last() const;

 private:
  struct Entry {
    std::optional<std::string> value;  // nullopt: erased, and kept only until that is durable
    Lsn lsn = 0;
  };
  struct Undo {
    Lsn lsn;
    std::string key;
    std::optional<Entry> before;
  };
  using Map = std::map<std::string, Entry, std::less<>>;
  class Reader;
  class Transaction;

  Lsn apply(std::map<std::string, std::optional<std::string>, std::less<>> writes);

  const Durability durability_;
  // Taken before mutex_, by a transaction until its end: views that keep coming would shut transactions out for good
  // otherwise.
  std::mutex turnstile_;
  mutable std::shared_mutex mutex_;  // guards map_, last_ and undo_
  Map map_;
  Lsn last_ = 0;
  std::deque<Undo> undo_;  // manual mode: what restores the durable state, oldest first
  DurableTracker tracker_{0};
  StoreListener* listener_ = nullptr;
};

}  // namespace ditto::store
