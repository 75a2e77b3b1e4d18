// LmdbEnvironment: one LMDB file as the durable state of a KvStore: consistent read transactions from a pool, and
// commits of whole generations with one sync each. It knows neither overlay views nor transactions of its users. Reads
// come from any thread under a slot of its own; commits from one thread. The file is used by one process at a time (the
// store directory's lock).
#pragma once

#include <lmdb.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/function_ref.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "store/disk_space.hpp"
#include "store/kv/commit_sink.hpp"
#include "store/kv/kv_store.hpp"
#include "store/kv/reader_slots.hpp"

namespace ditto::store {

/// Address space reserved for the map: the largest file. Never resized, because that would need every reader to stop.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define DITTO_LMDB_SMALL_MAP 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define DITTO_LMDB_SMALL_MAP 1
#endif
#endif
#ifdef DITTO_LMDB_SMALL_MAP
inline constexpr std::size_t lmdb_map_bytes = std::size_t{16} << 30;
#undef DITTO_LMDB_SMALL_MAP
#else
inline constexpr std::size_t lmdb_map_bytes = std::size_t{1} << 40;
#endif

class LmdbEnvironment final : public CommitSink {
 public:
  struct Place {
    std::string path;
    /// Nobody has been told that there is a store: a file that is none may be replaced.
    bool unfinished = false;
  };
  /// Opens or creates the file. The error is a sentence for the log or the user.
  static std::expected<std::unique_ptr<LmdbEnvironment>, std::string> open(const Place& place, DiskSpace& space,
                                                                           Log& log,
                                                                           std::size_t map_bytes = lmdb_map_bytes);
  ~LmdbEnvironment() override;
  LmdbEnvironment(const LmdbEnvironment&) = delete;
  LmdbEnvironment& operator=(const LmdbEnvironment&) = delete;

  /// Up to which number the file holds every change durably.
  Lsn applied() const noexcept { return applied_.load(std::memory_order_acquire); }
  /// As the file was found: up to which number there may be changes in it. They were durable before they came here.
  Lsn begun() const noexcept { return begun_; }

  /// What a state of the file holds: every change up to `applied`, some that follow, none beyond `newest`.
  struct Extent {
    Lsn applied = 0, newest = 0;
  };
  /// A read transaction: one consistent state of the file.
  struct Snapshot {
    MDB_txn* txn = nullptr;
    Extent extent;
  };
  /// `slot` is the caller's from ReaderSlots; end_read() before it goes back.
  Result<Snapshot> begin_read(std::size_t slot);
  void end_read(std::size_t slot) noexcept;
  MDB_dbi entries() const noexcept { return entries_; }
  /// The value in `stored`, which is what the file holds under `key`. Corrupt when it is not what was written; the log
  /// says so.
  Result<Bytes> checked(Bytes key, Bytes stored) const;
  /// Hands out the key of every value that checked() would refuse.
  Result<void> verify(FunctionRef<void(Bytes key)> damaged) const;
  void set_key_names(KvStore::KeyName name_of) noexcept { name_of_ = name_of; }

  /// The cursor that belongs to the slot's read transaction; one user at a time.
  Result<MDB_cursor*> slot_cursor(std::size_t slot);

  /// Applies the newest version of every key, in the order of keys, in transactions of about commit_bytes with a sync
  /// each: a large one would keep the disk from the journal for too long, and LMDB holds what it changes in memory.
  CommitOutcome commit(const Generation& generation) override;
  /// Pages that one transaction changes, at most but for a value that is larger. Any thread.
  void set_commit_bytes(std::size_t bytes) noexcept {
    commit_bytes_.store(std::clamp(bytes, min_commit_bytes, max_commit_bytes));
  }

  /// Bytes inside the file that hold nothing and can be written again without the file growing. Reads the list of free
  /// pages.
  std::uint64_t free_bytes(MDB_txn* txn) const noexcept;

 private:
  struct alignas(cache_line_bytes) Reader {
    MDB_txn* txn = nullptr;  // belongs to whoever has the slot
    MDB_cursor* cursor = nullptr;
    bool cursor_renewed = false;  // since the transaction began
  };
  /// The extent of one of the last LMDB transactions; written before the transaction can be seen.
  struct Remembered {
    std::atomic<std::size_t> txn_id = 0;  // 0: being written
    std::atomic<Lsn> applied = 0, newest = 0;
  };
  static constexpr std::size_t remembered_transactions = 64;  // by their ids
  static constexpr std::size_t min_commit_bytes = std::size_t{16} << 10;
  static constexpr std::size_t max_commit_bytes = std::size_t{4} << 20;

  LmdbEnvironment(MDB_env* environment, DiskSpace& space, Log& log) noexcept
      : environment_(environment), space_(space), log_(log) {}
  int open_tables(MDB_txn* txn, unsigned flags);
  int create_tables();
  std::string prepare();
  int commit_part(const Generation& generation, const Version*& next);
  int apply(MDB_txn* txn, const Generation& generation, const Version*& next);
  CommitOutcome judge(int code);
  void remember(MDB_txn* txn, Extent extent) noexcept;
  std::optional<Extent> recall(MDB_txn* txn) const noexcept;

  MDB_env* const environment_;
  DiskSpace& space_;
  Log& log_;
  MDB_dbi meta_ = 0;
  MDB_dbi entries_ = 0;
  KvStore::KeyName name_of_ = nullptr;
  std::atomic<std::size_t> commit_bytes_ = max_commit_bytes;
  std::atomic<Lsn> applied_ = 0;
  Lsn begun_ = 0;
  std::array<Remembered, remembered_transactions> remembered_{};
  std::array<Reader, max_reader_slots> readers_{};
};

}  // namespace ditto::store
