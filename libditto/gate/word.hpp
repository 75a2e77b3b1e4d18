// The gate's atomic word on every node in use: what is held on it, and how many operations are in flight. While no
// conflict bit is set, entering and leaving are one atomic addition each and loops share no lock. Conflict bits are set
// by state/, under the file's shard lock, after which no operation that they concern enters by the fast way.
#pragma once

#include <atomic>
#include <cstdint>

namespace ditto::gate::word {

// Low half: operations in flight, readers and writers apart.
inline constexpr std::uint64_t one_reader = std::uint64_t{1};
inline constexpr std::uint64_t readers = 0xffff;
inline constexpr std::uint64_t one_writer = std::uint64_t{1} << 16;
inline constexpr std::uint64_t writers = std::uint64_t{0xffff} << 16;

// High half: what makes an operation look closer.
inline constexpr std::uint64_t read_conflicts = std::uint64_t{1} << 32;  // a write grant, a deny-read, a mandatory lock
inline constexpr std::uint64_t write_conflicts = std::uint64_t{1} << 33;  // any grant, a deny-write, a mandatory lock

constexpr std::uint32_t readers_in(std::uint64_t word) noexcept { return word & readers; }
constexpr std::uint32_t writers_in(std::uint64_t word) noexcept { return (word & writers) >> 16U; }

/// From now on readers, or writers, look closer. Sequentially consistent, as entering is: either an operation sees the
/// bit, or whoever sets it sees the operation.
inline void concern(std::atomic<std::uint64_t>& word, bool to_readers, bool to_writers) noexcept {
  const std::uint64_t wanted = (to_readers ? read_conflicts : 0) | (to_writers ? write_conflicts : 0);
  std::uint64_t now = word.load();
  while ((now & (read_conflicts | write_conflicts)) != wanted &&
         !word.compare_exchange_weak(now, (now & ~(read_conflicts | write_conflicts)) | wanted)) {
  }
}

/// Counts an operation in, whatever is held.
inline void count_in(std::atomic<std::uint64_t>& word, bool writes) noexcept {
  word.fetch_add(writes ? one_writer : one_reader);
}

/// Counts an operation in, unless a conflict bit concerns it; false: the slow way.
inline bool try_enter(std::atomic<std::uint64_t>& word, bool writes) noexcept {
  const std::uint64_t one = writes ? one_writer : one_reader;
  const std::uint64_t conflicts = writes ? write_conflicts : read_conflicts;
  const std::uint64_t before = word.fetch_add(one);
  if ((before & conflicts) == 0) return true;
  word.fetch_sub(one, std::memory_order_release);
  return false;
}

inline void leave(std::atomic<std::uint64_t>& word, bool writes) noexcept {
  word.fetch_sub(writes ? one_writer : one_reader, std::memory_order_release);
}

}  // namespace ditto::gate::word
