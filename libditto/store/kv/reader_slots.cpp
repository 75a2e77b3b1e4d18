#include "store/kv/reader_slots.hpp"

namespace ditto::store {
namespace {

/// Where this thread begins to look: threads are numbered as they come, so that each finds a slot of its own at once.
std::size_t home_slot() noexcept {
  static std::atomic<std::size_t> threads = 0;
  thread_local const std::size_t home = threads.fetch_add(1, std::memory_order_relaxed) % max_reader_slots;
  return home;
}

}  // namespace

std::optional<std::size_t> ReaderSlots::try_take() noexcept {
  const std::size_t home = home_slot();
  for (std::size_t i = 0; i < max_reader_slots; ++i) {
    const std::size_t slot = (home + i) % max_reader_slots;
    if (!slots_[slot].taken.load(std::memory_order_relaxed) && !slots_[slot].taken.exchange(true)) return slot;
  }
  return std::nullopt;
}

std::size_t ReaderSlots::take() {
  if (const auto slot = try_take()) return *slot;
  std::unique_lock lock(mutex_);
  ++waiting_;
  std::optional<std::size_t> slot;
  freed_.wait(lock, [&] { return (slot = try_take()).has_value(); });
  --waiting_;
  return *slot;
}

void ReaderSlots::give_back(std::size_t slot) noexcept {
  slots_[slot].taken.store(false);
  if (waiting_.load() == 0) return;
  std::lock_guard lock(mutex_);
  freed_.notify_one();
}

}  // namespace ditto::store
