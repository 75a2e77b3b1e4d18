// Bounded lists of freed memory blocks, one set per thread, for allocators inside base/. A block goes to the list of
// the thread that frees it. The set outlives the thread's other thread-locals: after its reaper has run, blocks go
// straight to the caller's own allocator. Under AddressSanitizer nothing is kept, so that use after free is seen.
#pragma once

#include <cstddef>
#include <new>

namespace ditto::detail {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool keep_freed_blocks = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool keep_freed_blocks = false;
#else
inline constexpr bool keep_freed_blocks = true;
#endif
#else
inline constexpr bool keep_freed_blocks = true;
#endif

struct FreeBlock {
  FreeBlock* next;
};

/// Trivially destructible, so that it may be used until the very end of its thread.
struct FreeList {
  FreeBlock* head = nullptr;
  std::size_t length = 0;

  void* pop() noexcept {
    FreeBlock* block = head;
    if (!block) return nullptr;
    head = block->next;
    --length;
    return block;
  }
  void push(void* memory) noexcept {
    head = ::new (memory) FreeBlock{head};
    ++length;
  }
};

}  // namespace ditto::detail
