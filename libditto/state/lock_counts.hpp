// How many byte ranges each client has locked, on all files together: a client has no more than the server's limit,
// however many lock owners it has them by. Whoever changes the locks of a file counts here, under the file's lock;
// each of these locks is a leaf. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <mutex>
#include <unordered_map>

#include "state/types.hpp"

namespace ditto::state {

class LockCounts {
 public:
  /// Of each client; before anybody asks.
  void set_limit(std::size_t most) noexcept { most_ = most; }
  /// Two files may let the last one in at a time: the limit is exact but for that.
  bool has_room(ClientId client, std::size_t more) const { return of(client) + more <= most_; }
  void change(ClientId client, std::ptrdiff_t by) {
    if (by == 0) return;
    Shard& shard = shards_[client % shard_count];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.counts.try_emplace(client, 0).first;
    found->second += static_cast<std::size_t>(by);
    if (found->second == 0) shard.counts.erase(found);
  }
  std::size_t of(ClientId client) const {
    const Shard& shard = shards_[client % shard_count];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.counts.find(client);
    return found == shard.counts.end() ? 0 : found->second;
  }

 private:
  static constexpr std::size_t shard_count = 16;
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<ClientId, std::size_t> counts;  // of those that have any
  };
  std::size_t most_ = std::numeric_limits<std::size_t>::max();
  std::array<Shard, shard_count> shards_;
};

}  // namespace ditto::state
