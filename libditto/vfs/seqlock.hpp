// A small value that many threads read without a lock while one thread at a time replaces it. Readers retry while a
// write is under way; writers are ordered by their owner. All memory is atomic words, so there is no data race for the
// language or a checker to see.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ditto::vfs {

template <class T>
  requires std::is_trivially_copyable_v<T>
class Seqlock {
 public:
  Seqlock() noexcept { store(T{}); }

  T load() const noexcept {
    for (;;) {
      const std::uint64_t before = sequence_.load(std::memory_order_acquire);
      if (before & 1) continue;
      std::array<std::uint64_t, words> copy;
      for (std::size_t i = 0; i < words; ++i) copy[i] = words_[i].load(std::memory_order_relaxed);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (sequence_.load(std::memory_order_relaxed) != before) continue;
      T value;
      std::memcpy(static_cast<void*>(&value), copy.data(), sizeof value);
      return value;
    }
  }

  /// One thread at a time.
  void store(const T& value) noexcept {
    std::array<std::uint64_t, words> copy{};
    std::memcpy(copy.data(), static_cast<const void*>(&value), sizeof value);
    const std::uint64_t before = sequence_.load(std::memory_order_relaxed);
    sequence_.store(before + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (std::size_t i = 0; i < words; ++i) words_[i].store(copy[i], std::memory_order_relaxed);
    sequence_.store(before + 2, std::memory_order_release);
  }

 private:
  static constexpr std::size_t words = (sizeof(T) + 7) / 8;

  std::atomic<std::uint64_t> sequence_{0};  // odd while a write is under way
  std::array<std::atomic<std::uint64_t>, words> words_{};
};

}  // namespace ditto::vfs
