// Arena: memory that is handed out piece by piece and given back all at once. What lives in it needs no destructor. One
// thread allocates at a time; the pieces themselves may be read by others under their own rules.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace ditto::store {

class Arena {
 public:
  /// Pieces are aligned for any pointer or 64-bit number.
  static constexpr std::size_t alignment = 8;

  Arena() noexcept = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Uninitialised memory. Throws std::bad_alloc.
  std::byte* allocate(std::size_t size_bytes);
  /// Takes every piece back; keeps the first block for the next round.
  void reset() noexcept;
  /// Memory held from the system.
  std::size_t size_bytes() const noexcept { return size_bytes_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size_bytes;
  };

  std::byte* add_block(std::size_t size_bytes);

  std::vector<Block> blocks_;
  std::byte* free_ = nullptr;  // rest of the block that small pieces come from
  std::size_t free_bytes_ = 0;
  std::size_t next_block_bytes_ = 0;
  std::size_t size_bytes_ = 0;
};

}  // namespace ditto::store
