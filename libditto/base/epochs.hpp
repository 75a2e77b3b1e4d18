// When nobody looks any more at what was replaced: readers of something that is swapped whole note where they are, each
// in a counter of its own loop, so that they share no lock and no cache line; whoever swaps asks, now and then, whether
// all have gone that may have seen the old one. It keeps nothing itself. Readers on any thread; one thread at a time
// asks.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ditto {

class Epochs {
  struct alignas(64) Slot {
    std::array<std::atomic<std::uint64_t>, 2> readers{};
  };

 public:
  /// While it lives, what was current when it began stays. `loop` only spreads the readers. Null epochs: nothing is
  /// ever replaced.
  class Reader {
   public:
    Reader(Epochs* epochs, const void* loop) noexcept : count_(epochs ? &epochs->enter(loop) : nullptr) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() {
      if (count_) count_->fetch_sub(1);
    }

   private:
    std::atomic<std::uint64_t>* count_;
  };

  /// After a swap: all readers that may have seen what was there before are waited for. To be followed by passed().
  void begin() noexcept {
    epoch_.fetch_add(1);
    turns_ = 1;
  }
  /// Whether they have gone. Asks in two turns: a reader that was held up between looking at the epoch and counting
  /// itself in may stand in either counter.
  bool passed() noexcept {
    while (turns_ != 0) {
      const std::size_t before = (epoch_.load() + 1) & 1;
      for (const Slot& slot : slots_) {
        if (slot.readers[before].load() != 0) return false;
      }
      if (turns_++ == 2) turns_ = 0;
      if (turns_ != 0) epoch_.fetch_add(1);
    }
    return true;
  }

 private:
  static constexpr std::size_t slot_count = 64;

  // Sequentially consistent: a reader counts itself in and then looks for what is current, a writer the other way
  // round.
  std::atomic<std::uint64_t>& enter(const void* loop) noexcept {
    const auto place = reinterpret_cast<std::uintptr_t>(loop);
    Slot& slot = slots_[((place * 0x9e3779b97f4a7c15U) >> 32U) % slot_count];
    std::atomic<std::uint64_t>& count = slot.readers[epoch_.load() & 1];
    count.fetch_add(1);
    return count;
  }

  std::atomic<std::uint64_t> epoch_{0};
  std::array<Slot, slot_count> slots_;
  int turns_ = 0;
};

}  // namespace ditto
