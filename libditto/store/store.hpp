// Store: a KvStore and a DataStore that belong together, with whatever keeps them alive. What a file system is built
// on. The owner destroys it after everyone who uses kv or data is done. Opening and closing come from one thread; kv
// and data have their own rules.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "store/data/data_store.hpp"
#include "store/directory.hpp"
#include "store/kv/kv_store.hpp"
#include "store/status.hpp"

namespace ditto::store {

class Store {
 public:
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Bounds the memory of changes on their way to the disk. A store that is itself memory takes what it needs. Any
  /// thread.
  virtual void set_memory_bytes(std::size_t) noexcept {}

  /// How long a change that nobody waits for may stay unsynced, at most, while the disk keeps up. A store that is
  /// itself memory has nothing to sync. Any thread.
  virtual void set_flush_interval(std::chrono::milliseconds) {}

  /// A store that is itself memory has none. Any thread; waits for no disk.
  virtual std::optional<StoreStatus> status() const { return std::nullopt; }

  KvStore& kv;
  DataStore& data;

 protected:
  Store(KvStore& kv_store, DataStore& data_store) noexcept : kv(kv_store), data(data_store) {}
};

/// A store that keeps everything in memory and ends with the process.
std::unique_ptr<Store> memory_store();

/// 0 or empty: the default.
struct LocalStoreOptions {
  std::string program;                          // what another process is told who has the store
  std::size_t open_objects = 0;                 // files kept open: 4,096, at most half of what the process may open
  std::uint64_t reserve_bytes = 0;              // room on the disk that only removals may use: 16 MiB
  std::size_t map_bytes = 0;                    // address space for the metadata: 1 TiB, 16 GiB under sanitizers
  std::size_t journal_bytes = 0;                // the most that the journal takes on the disk: 512 MiB
  std::size_t memory_bytes = 0;                 // see Store::set_memory_bytes(): 128 MiB
  std::chrono::milliseconds flush_interval{0};  // see Store::set_flush_interval(): 1 s
  std::chrono::milliseconds checkpoint_interval{0};  // for what is in the journal alone: 5 s
};

/// Opens the store in the directory `path`, making it when there is none, and keeps everyone else out. `log` and
/// `clock` outlive it.
std::expected<std::unique_ptr<Store>, OpenError> open_local_store(const std::string& path, Log& log,
                                                                  const LocalStoreOptions& options = {},
                                                                  const Clock& clock = system_clock());

}  // namespace ditto::store
