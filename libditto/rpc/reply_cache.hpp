// The duplicate request cache: what was answered to calls that must not run twice. A client that lost its connection
// sends such a call again under the same xid, usually from another port, and gets the first reply, byte for byte; while
// the call still runs, or still waits for the disk, the retry waits with it. Bounded by entries and bytes; the least
// recently used answer goes first, a running call never. It is memory of this process and lost at its end. One for a
// server, any thread.
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/buffer.hpp"
#include "base/crypto.hpp"
#include "base/executor.hpp"
#include "base/random.hpp"
#include "rpc/call.hpp"

namespace ditto::rpc {

struct ReplyCacheLimits {
  std::size_t entries = 65536;
  /// Of replies and what keeping them costs.
  std::size_t bytes = std::size_t{32} << 20;
};

class ReplyCache {
 public:
  /// Bytes of the arguments that go into the checksum: names and filehandles, not data.
  static constexpr std::size_t checked_bytes = 256;

  /// Who calls what. The port is left out: clients reconnect from another. The checksum tells apart calls of a client
  /// that starts its xids anew.
  struct Key {
    std::array<std::uint8_t, 16> address{};
    std::uint32_t xid = 0, program = 0, version = 0, procedure = 0;
    std::uint64_t checksum = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };

  /// Whether a reply stays for retries to come, or goes only to those that wait for it.
  enum class Keep : bool { No, Yes };

  class Entering;
  class Execution;

  ReplyCache(const ReplyCacheLimits& limits, Random& random);
  /// No call is running any more.
  ~ReplyCache();
  ReplyCache(const ReplyCache&) = delete;
  ReplyCache& operator=(const ReplyCache&) = delete;

  /// `arguments` are the first checked_bytes of them, or all.
  Key key_of(const Call& call, Bytes arguments) const noexcept;

  /// `co_await enter(key, loop)`: an Execution, which either says that the caller is the first and runs the call, or
  /// holds the reply. Suspends only when the call is running elsewhere, and resumes on `loop`.
  Entering enter(const Key& key, Executor& loop);

  /// Calls that are running or were answered, and the bytes that they take; for tests and metrics.
  std::size_t entries() const;
  std::size_t bytes() const;

 private:
  struct Waiter : Job {
    Executor* loop = nullptr;
    Waiter* next_waiter = nullptr;
    Buffer reply;
  };
  struct Entry;
  struct Shard;

  Shard& shard_of(const Key& key) const noexcept;
  void trim(Shard& shard) noexcept;
  void finish(Entry& entry, const BufferChain* reply, Keep keep) noexcept;
  static void give(Waiter* waiter, const BufferChain* reply) noexcept;

  std::size_t entries_per_shard_;
  std::size_t bytes_per_shard_;
  crypto::SipHashKey hash_key_;
  std::unique_ptr<Shard[]> shards_;
};

/// What became of entering. The first one must be given its reply; if it ends without, whoever waits gets none, and the
/// call may run again.
class ReplyCache::Execution {
 public:
  Execution(Execution&& other) noexcept
      : cache_(other.cache_), entry_(std::exchange(other.entry_, nullptr)), reply_(std::move(other.reply_)) {}
  Execution& operator=(Execution&&) = delete;
  ~Execution() {
    if (entry_) cache_.finish(*entry_, nullptr, Keep::No);
  }

  /// True: nobody runs this call or has run it; the holder does, and calls finish().
  bool is_first() const noexcept { return entry_ != nullptr; }
  /// Otherwise: the message of the first reply, without a record mark. Empty when the first ended without.
  const Buffer& reply() const noexcept { return reply_; }
  /// Gives a copy of `reply`, a message without a record mark, to whoever waits, and keeps it for who comes later.
  void finish(const BufferChain& reply, Keep keep = Keep::Yes) noexcept {
    if (entry_) cache_.finish(*std::exchange(entry_, nullptr), &reply, keep);
  }

 private:
  friend class Entering;
  explicit Execution(ReplyCache& cache) noexcept : cache_(cache) {}

  ReplyCache& cache_;
  Entry* entry_ = nullptr;
  Buffer reply_;
};

class [[nodiscard]] ReplyCache::Entering : Waiter {
 public:
  Entering(const Entering&) = delete;
  Entering& operator=(const Entering&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter);
  Execution await_resume() noexcept;

 private:
  friend class ReplyCache;
  Entering(ReplyCache& cache, const Key& key, Executor& executor) noexcept : cache_(cache), key_(key) {
    loop = &executor;
  }

  ReplyCache& cache_;
  const Key& key_;
  std::coroutine_handle<> awaiter_;
  Entry* first_ = nullptr;
};

}  // namespace ditto::rpc
