#include "base/chunk_depot.hpp"

#include <sys/mman.h>

#include <array>
#include <mutex>
#include <new>

#include "base/free_list.hpp"

namespace ditto {
namespace {

struct Depot {
  std::array<detail::FreeList, detail::chunk_class_count> lists;
  std::size_t kept_bytes = 0;
  std::size_t lent_bytes = 0;
};
constinit std::mutex depot_mutex;  // guards depot; a leaf, held for a few instructions
constinit Depot depot;

/// The system's allocator would keep freed megabytes, in pieces too small for the next one once something else lies
/// between them; what is mapped goes back when it is freed. Checkers want to see every block.
constexpr std::size_t mapped_from_bytes = std::size_t{256} << 10;
constexpr bool is_mapped(std::size_t block_bytes, std::size_t alignment) noexcept {
  return detail::keep_freed_blocks && block_bytes >= mapped_from_bytes && alignment <= detail::page;
}

/// The largest block that the depot keeps beyond its loans, or nullptr. The lock is held.
void* take_surplus(std::size_t& chunk_class) noexcept {
  if (depot.kept_bytes <= depot.lent_bytes) return nullptr;
  for (chunk_class = detail::chunk_class_count; chunk_class-- > 0;) {
    if (void* block = depot.lists[chunk_class].pop()) {
      depot.kept_bytes -= detail::chunk_classes[chunk_class].block_bytes();
      return block;
    }
  }
  return nullptr;
}

}  // namespace

DepotLoan::DepotLoan(std::size_t bytes) noexcept : bytes_(bytes) {
  const std::lock_guard lock(depot_mutex);
  depot.lent_bytes += bytes_;
}

DepotLoan::~DepotLoan() {
  {
    const std::lock_guard lock(depot_mutex);
    depot.lent_bytes -= bytes_;
  }
  for (;;) {
    std::size_t chunk_class = 0;
    void* block = nullptr;
    {
      const std::lock_guard lock(depot_mutex);
      block = take_surplus(chunk_class);
    }
    if (!block) return;
    const detail::ChunkClass& its = detail::chunk_classes[chunk_class];
    detail::delete_block(block, its.block_bytes(), its.alignment);
  }
}

std::size_t depot_bytes() noexcept {
  const std::lock_guard lock(depot_mutex);
  return depot.kept_bytes;
}

namespace detail {

void* new_block(std::size_t block_bytes, std::size_t alignment) {
  if (!is_mapped(block_bytes, alignment)) return ::operator new(block_bytes, std::align_val_t(alignment));
  void* block = ::mmap(nullptr, block_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) throw std::bad_alloc();
  return block;
}

void delete_block(void* block, std::size_t block_bytes, std::size_t alignment) noexcept {
  if (!is_mapped(block_bytes, alignment)) return ::operator delete(block, std::align_val_t(alignment));
  ::munmap(block, block_bytes);
}

void* take_from_depot(std::size_t chunk_class) noexcept {
  if (!chunk_classes[chunk_class].shared) return nullptr;
  const std::lock_guard lock(depot_mutex);
  void* block = depot.lists[chunk_class].pop();
  if (block) depot.kept_bytes -= chunk_classes[chunk_class].block_bytes();
  return block;
}

bool give_to_depot(std::size_t chunk_class, void* block) noexcept {
  if (!chunk_classes[chunk_class].shared) return false;
  const std::size_t block_bytes = chunk_classes[chunk_class].block_bytes();
  const std::lock_guard lock(depot_mutex);
  if (depot.kept_bytes + block_bytes > depot.lent_bytes) return false;
  depot.lists[chunk_class].push(block);
  depot.kept_bytes += block_bytes;
  return true;
}

}  // namespace detail
}  // namespace ditto
