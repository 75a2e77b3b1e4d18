#pragma once

// Copy on write for values behind shared_ptr. Not locked: one thread changes what it owns, while others may read and
// let go of copies.

#include <atomic>
#include <memory>

namespace ditto::test {

/// The object, made sure that nobody else has it: a copy if somebody has, a new one if there was none.
template <class T>
T& own(std::shared_ptr<T>& shared) {
  if (!shared) {
    shared = std::make_shared<T>();
  } else if (shared.use_count() > 1) {
    shared = std::make_shared<T>(*shared);
  } else {
    // What another thread read before it let go of its copy was read before what is written now.
    std::atomic_thread_fence(std::memory_order_acquire);
  }
  return *shared;
}

}  // namespace ditto::test
