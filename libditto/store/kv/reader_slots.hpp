// ReaderSlots: gives each thread that reads a number of its own for the length of a view, so that what a reader pins (a
// list of generations, an LMDB transaction) can live in plain arrays under that number, on cache lines that no other
// reader touches. A thread gets the same number again and again unless somebody else has it. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>

namespace ditto::store {

/// How many views of one store can be open at the same moment: more than the threads of any sensible server.
inline constexpr std::size_t max_reader_slots = 256;

/// What keeps two readers' data on different cache lines.
inline constexpr std::size_t cache_line_bytes = 64;

class ReaderSlots {
 public:
  /// A free number, or nullopt when all are taken.
  std::optional<std::size_t> try_take() noexcept;
  /// A number; waits until one is free.
  std::size_t take();
  void give_back(std::size_t slot) noexcept;

 private:
  struct alignas(cache_line_bytes) Slot {
    std::atomic<bool> taken = false;
  };

  std::array<Slot, max_reader_slots> slots_;
  std::atomic<int> waiting_ = 0;  // threads in take() that found every slot taken
  std::mutex mutex_;              // orders waiting for and giving back the last slot
  std::condition_variable freed_;
};

}  // namespace ditto::store
