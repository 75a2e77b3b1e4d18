// LmdbKv: the embedded KvStore. A transaction's body runs on the calling thread under one writer lock, over the overlay
// above an LMDB read transaction; its writes show in the overlay at once, and the committer makes them durable in the
// LMDB file, all that have gathered in one LMDB transaction with one sync. Reads take no lock. Owns the file and the
// committer's thread; the destructor makes everything durable. Any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>

#include "base/log.hpp"
#include "store/disk_space.hpp"
#include "store/kv/committer.hpp"
#include "store/kv/durable_tracker.hpp"
#include "store/kv/kv_store.hpp"
#include "store/kv/lmdb/admission.hpp"
#include "store/kv/lmdb/environment.hpp"
#include "store/kv/overlay.hpp"
#include "store/kv/reader_slots.hpp"
#include "store/kv/write_set.hpp"

namespace ditto::store {

class LmdbKv final : public KvStore {
 public:
  /// Opens or creates the file at `path`, which nobody else has open. `space` is the disk that it lies on. The error is
  /// a sentence for the user.
  static std::expected<std::unique_ptr<LmdbKv>, std::string> open(const std::string& path, DiskSpace& space, Log& log,
                                                                  std::size_t map_bytes = lmdb_map_bytes);
  ~LmdbKv() override;

  Result<Lsn> transact(FunctionRef<Result<void>(KvTransaction&)> body, Blocking blocking, Lsn* seen = nullptr) override;
  Result<void> view(FunctionRef<Result<void>(KvReader&)> body, Blocking blocking) override;
  Lsn durable() const noexcept override { return tracker_.durable(); }
  void when_durable(DurableWait& wait) override { tracker_.when_durable(wait); }
  Result<void> wait_durable(Lsn lsn) override { return tracker_.wait_durable(lsn); }
  void set_rollback_listener(RollbackListener* listener) override { committer_.set_rollback_listener(listener); }

 private:
  LmdbKv(std::unique_ptr<LmdbEnvironment> environment, DiskSpace& space, Log& log);
  bool lock_writer(std::unique_lock<std::mutex>& lock, Blocking blocking);

  const std::unique_ptr<LmdbEnvironment> environment_;
  ReaderSlots slots_;
  Overlay overlay_;
  DurableTracker tracker_;
  std::mutex writer_;    // held while a body runs and its writes are published, and while changes are taken back
  WriteSet writes_;      // of the transaction that has writer_
  Admission admission_;  // used under writer_
  Committer committer_;  // last: its thread uses the rest
};

}  // namespace ditto::store
