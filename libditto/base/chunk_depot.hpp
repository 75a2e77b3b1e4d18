// Freed chunks of Buffers that all threads share: a chunk that one thread always makes and another always drops (a cold
// read: the pool fills it, the loop sends it) would never come back through lists per thread, and fresh pages for 1 MiB
// cost 20 times what filling it costs. The depot keeps no more than it was lent memory for, by whoever runs a server;
// without a loan it keeps nothing. One for the process, since chunks travel between its servers; any thread.
#pragma once

#include <cstddef>
#include <iterator>

namespace ditto {

/// Lends the depot memory for as long as it exists.
class DepotLoan {
 public:
  explicit DepotLoan(std::size_t bytes) noexcept;
  /// The depot gives up what it keeps beyond the loans that are left.
  ~DepotLoan();
  DepotLoan(const DepotLoan&) = delete;
  DepotLoan& operator=(const DepotLoan&) = delete;

 private:
  const std::size_t bytes_;
};

/// What the depot keeps just now; for tests and metrics.
std::size_t depot_bytes() noexcept;

namespace detail {

/// Each class holds its round number of payload plus a request's header, so that a whole WRITE call fits in one chunk.
struct ChunkClass {
  std::size_t capacity;
  std::size_t alignment;  // of the data; a block begins one alignment before it
  std::size_t kept;       // free blocks per thread
  bool shared;            // goes through the depot
  constexpr std::size_t block_bytes() const noexcept { return alignment + capacity; }
};
/// What plain operator new gives. More than that is not asked of it: glibc cuts aligned pieces out of larger ones, so
/// that a freed one is too small for the next, and a heap of them grows to several times what is in use.
inline constexpr std::size_t usual_alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
inline constexpr std::size_t page = 4096;
inline constexpr ChunkClass chunk_classes[] = {
    {.capacity = 4096 + 512 - usual_alignment, .alignment = usual_alignment, .kept = 64, .shared = false},
    {.capacity = 65536 + 1024 - usual_alignment, .alignment = usual_alignment, .kept = 4, .shared = true},
    // Page-aligned data lets the kernel copy whole pages in step with the page cache. None per thread: next to what
    // filling it costs the depot's lock is nothing, and a few for each thread would be many.
    {.capacity = (std::size_t{1} << 20) + page, .alignment = page, .kept = 0, .shared = true},
};
inline constexpr std::size_t chunk_class_count = std::size(chunk_classes);

/// A block of its own size and alignment from the system. Throws std::bad_alloc.
void* new_block(std::size_t block_bytes, std::size_t alignment);
void delete_block(void* block, std::size_t block_bytes, std::size_t alignment) noexcept;

/// A block of the class, or nullptr.
void* take_from_depot(std::size_t chunk_class) noexcept;
/// False: it has no room, and the block stays the caller's.
bool give_to_depot(std::size_t chunk_class, void* block) noexcept;

}  // namespace detail
}  // namespace ditto
