#include "store/kv/arena.hpp"

#include <algorithm>

namespace ditto::store {
namespace {

constexpr std::size_t first_block_bytes = std::size_t{4} << 10;
constexpr std::size_t largest_block_bytes = std::size_t{1} << 20;

}  // namespace

std::byte* Arena::allocate(std::size_t size_bytes) {
  size_bytes = (size_bytes + alignment - 1) & ~(alignment - 1);
  if (size_bytes > free_bytes_) {
    // A large piece gets a block of its own, so that the rest of the present one is not lost.
    if (size_bytes > largest_block_bytes / 4) return add_block(size_bytes);
    const std::size_t block_bytes = std::max({first_block_bytes, next_block_bytes_, size_bytes * 2});
    free_ = add_block(block_bytes);
    free_bytes_ = block_bytes;
    next_block_bytes_ = std::min(block_bytes * 2, largest_block_bytes);
  }
  std::byte* piece = free_;
  free_ += size_bytes;
  free_bytes_ -= size_bytes;
  return piece;
}

void Arena::reset() noexcept {
  if (blocks_.empty()) return;
  if (blocks_.size() > 1) blocks_.erase(blocks_.begin() + 1, blocks_.end());
  free_ = blocks_.front().memory.get();
  free_bytes_ = blocks_.front().size_bytes;
  next_block_bytes_ = 0;
  size_bytes_ = free_bytes_;
}

std::byte* Arena::add_block(std::size_t size_bytes) {
  blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size_bytes), size_bytes});
  size_bytes_ += size_bytes;
  return blocks_.back().memory.get();
}

}  // namespace ditto::store
