// A map that all loops look things up in: a shared pointer by key, in shards with a mutex each, held for one lookup.
// Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace ditto::state {

template <class Key, class Value, class Hash>
class ShardedMap {
 public:
  std::shared_ptr<Value> find(const Key& key) const {
    const Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.map.find(key);
    return found == shard.map.end() ? nullptr : found->second;
  }
  void insert(const Key& key, std::shared_ptr<Value> value) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    shard.map.insert_or_assign(key, std::move(value));
  }
  void erase(const Key& key) {
    std::shared_ptr<Value> last;  // whose end may take its time: after the lock
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    if (const auto found = shard.map.find(key); found != shard.map.end()) {
      last = std::move(found->second);
      shard.map.erase(found);
    }
  }

 private:
  static constexpr std::size_t shards = 64;
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<Key, std::shared_ptr<Value>, Hash> map;
  };

  // unordered_map takes the low bits of a hash, so the shard is by the high ones, spread by Fibonacci's multiplier.
  static std::size_t index_of(const Key& key) {
    return static_cast<std::size_t>((std::uint64_t{Hash{}(key)} * 0x9e3779b97f4a7c15u) >> 58);
  }
  Shard& shard_of(const Key& key) { return shards_[index_of(key)]; }
  const Shard& shard_of(const Key& key) const { return shards_[index_of(key)]; }

  std::array<Shard, shards> shards_;
};

}  // namespace ditto::state
