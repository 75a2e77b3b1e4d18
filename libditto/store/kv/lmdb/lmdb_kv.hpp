// LmdbKv: the embedded KvStore. A transaction's body runs on the calling thread under one writer lock, over the overlay
// above an LMDB read transaction; its writes show in the overlay at once and are appended to the journal, which one
// sync makes durable for everyone who waits. The checkpointer moves them to the LMDB file behind that. Reads take no
// lock. Owns file, journal and both threads; the destructor leaves everything in the LMDB file. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "store/data/data_store.hpp"
#include "store/disk_space.hpp"
#include "store/journal/journal.hpp"
#include "store/kv/checkpointer.hpp"
#include "store/kv/durable_tracker.hpp"
#include "store/kv/flusher.hpp"
#include "store/kv/journaled_objects.hpp"
#include "store/kv/kv_store.hpp"
#include "store/kv/lmdb/admission.hpp"
#include "store/kv/lmdb/environment.hpp"
#include "store/kv/lmdb/replay.hpp"
#include "store/kv/overlay.hpp"
#include "store/kv/progress.hpp"
#include "store/kv/reader_slots.hpp"
#include "store/kv/statistics.hpp"
#include "store/kv/writability.hpp"
#include "store/kv/write_set.hpp"
#include "store/status.hpp"

namespace ditto::store {

struct LmdbKvOptions {
  std::size_t map_bytes = lmdb_map_bytes;
  journal::JournalOptions journal;
  std::chrono::milliseconds flush_interval = default_flush_interval;
  std::chrono::milliseconds checkpoint_interval = default_checkpoint_interval;
  /// See set_memory_bytes().
  std::size_t memory_bytes = std::size_t{128} << 20;
};

class LmdbKv final : public KvStore {
 public:
  /// What a store's parts are called, and what they lie on. All of it outlives the store.
  struct Place {
    std::string metadata_path, journal_path;
    DiskSpace& space;  // the disk that both lie on
    DataStore& data;   // whose contents travel with transactions
    Log& log;
    const Clock& clock = system_clock();
    bool unfinished = false;  // an earlier attempt to make the store may have been cut short, and nobody has used it
  };

  /// Opens or creates both, which nobody else has open. The error is a sentence for the user.
  static std::expected<std::unique_ptr<LmdbKv>, std::string> open(const Place& place,
                                                                  const LmdbKvOptions& options = {});
  ~LmdbKv() override;

  Result<Lsn> transact(FunctionRef<Result<void>(KvTransaction&)> body, Blocking blocking, Lsn* seen = nullptr) override;
  Result<void> view(FunctionRef<Result<void>(KvReader&)> body, Blocking blocking) override;
  Lsn durable() const noexcept override { return tracker_.durable(); }
  void when_durable(DurableWait& wait) override;
  Result<void> wait_durable(Lsn lsn) override;
  Result<void> write_out(Lsn lsn) override;
  std::size_t contents_limit() const noexcept override;
  Lsn contents_pending(ObjectId object) const override { return objects_.last(object); }
  Result<void> verify(FunctionRef<void(Bytes key)> damaged) override;
  void set_key_names(KeyName name_of) override { environment_->set_key_names(name_of); }
  void set_listener(StoreListener* listener) override {
    flusher_->set_listener(listener);
    tracker_.set_listener(listener);
  }

  /// Bounds the memory of changes that the LMDB file does not have, and of applying them: with a quarter of it in use
  /// the checkpointer begins, beyond it writers wait.
  void set_memory_bytes(std::size_t bytes) noexcept;

  /// See Store::set_flush_interval().
  void set_flush_interval(std::chrono::milliseconds interval) { flusher_->set_interval(interval); }

  /// Nothing is taken any more, since a disk failed or the journal was found damaged.
  bool read_only() const noexcept override { return writability_.read_only(); }
  KvStatistics statistics() const;
  StoreStatus status() const;

 private:
  /// What a transaction says of objects.
  struct Contents {
    struct Put {
      ObjectId object;
      std::uint64_t offset;
      BufferChain bytes;
    };
    struct Synced {
      ObjectId object;
      Lsn up_to;
    };
    std::vector<Put> put;
    std::vector<Synced> synced;

    std::size_t size_bytes() const noexcept;
    bool empty() const noexcept { return put.empty() && synced.empty(); }
    void clear() noexcept { put.clear(), synced.clear(); }
  };
  class Transaction;

  LmdbKv(std::unique_ptr<LmdbEnvironment> environment, const Place& place, const LmdbKvOptions& options);
  void start(std::unique_ptr<journal::Journal> journal);
  Result<void> lock_writer(std::unique_lock<std::mutex>& lock, Blocking blocking);
  std::size_t backlog_bytes() const noexcept;
  bool has_room() const noexcept;
  bool is_stuck() const noexcept;
  /// One run of a transaction. WouldBlock, also when it may block: there may be room behind the next checkpoint.
  Result<Lsn> attempt(FunctionRef<Result<void>(KvTransaction&)> body, Blocking blocking, Lsn* seen);
  void wait_for_checkpoint();
  Result<Lsn> commit(LmdbView& view, const Transaction& transaction);
  void append(Lsn lsn);

  const std::unique_ptr<LmdbEnvironment> environment_;
  const Place place_;
  const LmdbKvOptions options_;
  ReaderSlots slots_;
  Overlay overlay_;
  JournaledObjects objects_;
  std::atomic<std::size_t> max_backlog_bytes_ = 0;
  Writability writability_;
  Progress progress_;
  std::mutex writer_;  // held while a body runs and its writes are published, and while changes are taken back
  WriteSet writes_;    // of the transaction that has writer_
  Contents contents_;  // likewise
  ReplayCounts replayed_;
  Admission admission_;  // used under writer_
  DurableTracker tracker_;
  std::unique_ptr<journal::Journal> journal_;
  // Last, and in this order: their threads use the rest, and the checkpointer uses the flusher.
  std::optional<Flusher> flusher_;
  std::optional<Checkpointer> checkpointer_;
};

}  // namespace ditto::store
