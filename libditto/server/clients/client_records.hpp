// The records of clients in the server's store, and of what was promised to them, so that after a restart it is known
// who may reclaim, and what nobody else may get before (docs/formats/server.md). Changes are written in their order,
// one at a time, in the blocking pool. Any thread; closed before the store and the pool go.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "base/executor.hpp"
#include "state/recovery/records.hpp"
#include "store/kv/kv_store.hpp"

namespace ditto::server {

class ClientRecords final : public state::Records {
 public:
  ClientRecords(store::KvStore& kv, Executor& pool) noexcept : kv_(kv), pool_(pool) {}
  ~ClientRecords() override { close(); }

  /// All that there are. Blocks; before the first change.
  Result<std::vector<state::ClientRecord>> load();
  Result<std::vector<state::ObjectRecord>> load_objects();
  void apply(const state::Persist& change, Done done) override;
  /// Returns when nothing is being written any more; what comes later is not durable.
  void close();

 private:
  struct Waiting {
    state::Persist change;
    Done done;
  };
  void write_all();
  Result<void> write(const state::Persist& change);

  store::KvStore& kv_;
  Executor& pool_;
  std::mutex mutex_;  // guards the rest
  std::condition_variable idle_;
  std::deque<Waiting> queue_;
  bool writing_ = false, closed_ = false;
};

}  // namespace ditto::server
