#include "rpc/reply_cache.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "base/assert.hpp"

namespace ditto::rpc {
namespace {

constexpr std::size_t shard_count = 16;
constexpr unsigned shard_shift = 60;  // the checksum's upper bits choose the shard, the table takes the lower ones

struct KeyHash {
  std::size_t operator()(const ReplyCache::Key& key) const noexcept { return key.checksum; }
};

}  // namespace

// Answered entries are in their shard's list, the one used last in front; running ones are in none.
struct ReplyCache::Entry {
  const Key* key = nullptr;            // the shard's table has it
  std::unique_ptr<std::byte[]> reply;  // of its own size: a slice would keep a whole chunk alive
  std::size_t reply_size = 0;
  bool answered = false;
  Waiter* waiters = nullptr;  // of a running one
  Entry* newer = nullptr;
  Entry* older = nullptr;

  std::size_t cost() const noexcept { return sizeof(Key) + sizeof(Entry) + 4 * sizeof(void*) + reply_size; }
};

struct ReplyCache::Shard {
  mutable std::mutex mutex;  // guards everything below, and every Entry in it
  std::unordered_map<Key, Entry, KeyHash> entries;
  Entry* newest = nullptr;
  Entry* oldest = nullptr;
  std::size_t bytes = 0;

  void push_front(Entry& entry) noexcept {
    entry.older = newest;
    entry.newer = nullptr;
    (newest ? newest->newer : oldest) = &entry;
    newest = &entry;
  }
  void unlink(Entry& entry) noexcept {
    (entry.newer ? entry.newer->older : newest) = entry.older;
    (entry.older ? entry.older->newer : oldest) = entry.newer;
  }
  void erase(Entry& entry) noexcept {
    bytes -= entry.cost();
    entries.erase(entries.find(*entry.key));
  }
};

ReplyCache::ReplyCache(const ReplyCacheLimits& limits, Random& random)
    : entries_per_shard_(std::max<std::size_t>(limits.entries / shard_count, 1)),
      bytes_per_shard_(limits.bytes / shard_count),
      hash_key_{random.next_u64(), random.next_u64()},
      shards_(std::make_unique<Shard[]>(shard_count)) {}

ReplyCache::~ReplyCache() = default;

ReplyCache::Key ReplyCache::key_of(const Call& call, Bytes arguments) const noexcept {
  Key key{.address = call.peer.address,
          .xid = call.xid,
          .program = call.program,
          .version = call.version,
          .procedure = call.procedure};
  std::array<std::byte, sizeof(Key) + checked_bytes> all{};
  std::memcpy(all.data(), &key, sizeof key);
  const std::size_t checked = std::min(arguments.size(), checked_bytes);
  std::copy_n(arguments.begin(), checked, all.begin() + sizeof key);
  key.checksum = crypto::siphash(hash_key_, Bytes(all).first(sizeof key + checked));
  return key;
}

ReplyCache::Entering ReplyCache::enter(const Key& key, Executor& loop) { return Entering(*this, key, loop); }

ReplyCache::Shard& ReplyCache::shard_of(const Key& key) const noexcept { return shards_[key.checksum >> shard_shift]; }

bool ReplyCache::Entering::await_suspend(std::coroutine_handle<> awaiter) {
  awaiter_ = awaiter;
  run = [](Job* self) { static_cast<Entering*>(self)->awaiter_.resume(); };

  Shard& shard = cache_.shard_of(key_);
  std::lock_guard lock(shard.mutex);
  const auto [place, added] = shard.entries.try_emplace(key_);
  Entry& entry = place->second;
  if (added) {
    entry.key = &place->first;
    shard.bytes += entry.cost();
    cache_.trim(shard);
    first_ = &entry;
    return false;
  }
  if (!entry.answered) {
    next_waiter = entry.waiters;
    entry.waiters = this;
    return true;
  }
  shard.unlink(entry);
  shard.push_front(entry);
  reply = Buffer::copy_of({entry.reply.get(), entry.reply_size});
  return false;
}

ReplyCache::Execution ReplyCache::Entering::await_resume() noexcept {
  Execution execution(cache_);
  execution.entry_ = first_;
  execution.reply_ = std::move(reply);
  return execution;
}

void ReplyCache::trim(Shard& shard) noexcept {
  while (shard.oldest && (shard.entries.size() > entries_per_shard_ || shard.bytes > bytes_per_shard_)) {
    Entry& last = *shard.oldest;
    shard.unlink(last);
    shard.erase(last);
  }
}

void ReplyCache::finish(Entry& entry, const BufferChain* reply, Keep keep) noexcept {
  std::unique_ptr<std::byte[]> kept;
  if (reply && keep == Keep::Yes) {
    try {
      kept = std::make_unique_for_overwrite<std::byte[]>(reply->size());
      reply->copy_to(0, {kept.get(), reply->size()});
    } catch (...) {
      // Out of memory: nothing is kept, and a retry runs again.
    }
  }

  Shard& shard = shard_of(*entry.key);
  Waiter* waiter = nullptr;
  {
    std::lock_guard lock(shard.mutex);
    DITTO_ASSERT(!entry.answered);
    waiter = std::exchange(entry.waiters, nullptr);
    if (kept) {
      shard.bytes += reply->size();
      entry.reply = std::move(kept);
      entry.reply_size = reply->size();
      entry.answered = true;
      shard.push_front(entry);
      trim(shard);
    } else {
      shard.erase(entry);
    }
  }
  if (waiter) give(waiter, reply);
}

void ReplyCache::give(Waiter* waiter, const BufferChain* reply) noexcept {
  Buffer shared;
  try {
    if (reply) shared = reply->coalesce();
  } catch (...) {
    // Out of memory: they get none.
  }
  while (waiter) {
    Waiter& woken = *waiter;
    waiter = waiter->next_waiter;  // `woken` may be gone once it is posted
    woken.reply = shared;
    woken.loop->post(woken);
  }
}

std::size_t ReplyCache::entries() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < shard_count; ++i) {
    std::lock_guard lock(shards_[i].mutex);
    count += shards_[i].entries.size();
  }
  return count;
}

std::size_t ReplyCache::bytes() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < shard_count; ++i) {
    std::lock_guard lock(shards_[i].mutex);
    total += shards_[i].bytes;
  }
  return total;
}

}  // namespace ditto::rpc
