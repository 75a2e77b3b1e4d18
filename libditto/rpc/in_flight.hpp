// What all connections of a server together may have in flight, in bytes: requests that are being received or answered,
// and replies that their clients have not taken. A pool is one atomic number that is touched in large steps; only when
// it is empty do those who need more wait, in turn, for what others give back, and their connections are not read
// meanwhile. What waits for memory holds next to none, and what has it needs no more to come to its end: so all come to
// their turn, unless clients hold it with replies that they do not take, which is the transport's to end.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "base/executor.hpp"

namespace ditto::rpc {

/// One for a server; any thread. Outlives all who have taken of it.
class InFlightPool {
 public:
  /// Somebody who waits. Once it is its turn, the bytes are taken for it and the job is posted to `loop`.
  struct Waiter : Job {
    Executor* loop = nullptr;
    std::size_t bytes = 0;
    Waiter* older = nullptr;
    Waiter* younger = nullptr;
    bool waiting = false;  // guarded by the pool's mutex
  };

  explicit InFlightPool(std::size_t bytes) noexcept;
  InFlightPool(const InFlightPool&) = delete;
  InFlightPool& operator=(const InFlightPool&) = delete;

  /// Takes `bytes` if they are there and nobody waits for some.
  bool try_take(std::size_t bytes) noexcept;
  /// Takes `bytes` whether they are there or not: for what exists already.
  void take(std::size_t bytes) noexcept { free_.fetch_sub(static_cast<std::int64_t>(bytes)); }
  void give_back(std::size_t bytes) noexcept;

  void wait(Waiter& waiter);
  /// True: it waits no longer and has got nothing. False: its turn has come, and its job.
  bool cancel(Waiter& waiter) noexcept;

  /// Somebody waits.
  bool is_short() const noexcept { return waiting_.load() != 0; }
  /// What is taken now, perhaps more than there is.
  std::size_t taken() const noexcept { return static_cast<std::size_t>(bytes_ - free_.load()); }

 private:
  bool take_if_there(std::size_t bytes) noexcept;
  void unlink(Waiter& waiter) noexcept;
  void serve();

  const std::int64_t bytes_;
  std::atomic<std::int64_t> free_;        // below 0: more was taken than there is
  std::atomic<std::size_t> waiting_ = 0;  // waiters in the list; written under mutex_
  std::mutex mutex_;                      // guards the list; a leaf but for posting to loops
  Waiter* oldest_ = nullptr;
  Waiter* youngest_ = nullptr;
};

/// What one connection has taken of the pool. It belongs to the connection and its loop.
class InFlightShare {
 public:
  /// What every connection may have beside the pool, so that one small call at a time needs nothing of it.
  static constexpr std::size_t own_bytes = std::size_t{16} << 10;
  /// What is taken at a time.
  static constexpr std::size_t step_bytes = std::size_t{32} << 10;

  explicit InFlightShare(InFlightPool& pool) noexcept : pool_(pool) {}
  ~InFlightShare() { pool_.give_back(held_); }
  InFlightShare(const InFlightShare&) = delete;
  InFlightShare& operator=(const InFlightShare&) = delete;

  /// Takes what is missing for `bytes` in flight; false, and takes nothing, when it is not there.
  bool try_cover(std::size_t bytes) noexcept;
  /// `bytes` are in flight: takes what is missing, whether it is there or not, and gives back what is too much.
  void cover(std::size_t bytes) noexcept;

  /// Lets `waiter` wait for what is missing for `bytes`, which try_cover() has refused; then granted().
  void wait(InFlightPool::Waiter& waiter, std::size_t bytes);
  void granted(const InFlightPool::Waiter& waiter) noexcept { held_ += waiter.bytes; }
  bool cancel(InFlightPool::Waiter& waiter) noexcept { return pool_.cancel(waiter); }

  std::size_t held() const noexcept { return held_; }

 private:
  static std::size_t needed(std::size_t bytes) noexcept;

  InFlightPool& pool_;
  std::size_t held_ = 0;  // of the pool
};

}  // namespace ditto::rpc
