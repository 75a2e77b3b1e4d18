#include "base/task.hpp"

#include <array>
#include <new>

#include "base/free_list.hpp"

namespace ditto::detail {
namespace {

constexpr std::size_t class_bytes = 256;
constexpr std::size_t classes = 16;         // frames up to 4 KiB are kept
constexpr std::size_t kept_per_class = 64;  // per thread

struct FrameLists {
  std::array<FreeList, classes> lists;
  bool reaped = false;
};
constinit thread_local FrameLists frames;

struct Reaper {
  bool armed = true;
  ~Reaper() {
    frames.reaped = true;
    for (auto& list : frames.lists) {
      while (void* frame = list.pop()) ::operator delete(frame);
    }
  }
};
thread_local Reaper reaper;

constexpr std::size_t class_of(std::size_t size) { return (size - 1) / class_bytes; }

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index >= classes) return ::operator new(size);
  if (void* frame = frames.lists[index].pop()) return frame;
  return ::operator new((index + 1) * class_bytes);
}

void free_frame(void* memory, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (!keep_freed_blocks || index >= classes || frames.reaped || frames.lists[index].length >= kept_per_class) {
    return ::operator delete(memory);
  }
  // Naming the reaper is what registers its destructor with this thread.
  if (reaper.armed) frames.lists[index].push(memory);
}

}  // namespace ditto::detail
