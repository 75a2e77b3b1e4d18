// How a reply waits for the disk. A store numbers its changes; the number of the last change that an answer rests on is
// its commit token, and the answer leaves when that number is durable. Waiting is an intrusive node, so it allocates
// nothing and blocks no thread. Nodes belong to the waiter and stay alive until `done` is called; `done` runs on the
// store's committer thread (or at once on the caller's, when there is nothing to wait for), so it only posts.
#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace ditto {

/// A store's log sequence number. 0 means "durable since ever"; numbers grow and are never reused.
using Lsn = std::uint64_t;

struct DurableWait {
  Lsn lsn = 0;
  /// `outcome` is an error when the change was taken back (disk full, failed sync): then nothing of it happened.
  void (*done)(DurableWait* self, Result<void> outcome) = nullptr;
  DurableWait* next = nullptr;
};

}  // namespace ditto
