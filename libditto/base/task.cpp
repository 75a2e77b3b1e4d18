#include "base/task.hpp"

#include <array>
#include <cstdint>
#include <new>

#include "base/free_list.hpp"

namespace ditto::detail {
namespace {

constexpr std::size_t class_bytes = 256;
constexpr std::size_t classes = 16;         // frames up to 4 KiB are kept
constexpr std::size_t kept_per_class = 64;  // per thread

struct FrameLists {
  std::array<FreeList, classes> lists;
  enum class State : std::uint8_t { Unused, InUse, Reaped } state = State::Unused;
};
constinit thread_local FrameLists frames;

struct Reaper {
  Reaper() noexcept { frames.state = FrameLists::State::InUse; }
  ~Reaper() {
    frames.state = FrameLists::State::Reaped;
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
  if (!keep_freed_blocks || index >= classes) return ::operator delete(memory);
  FrameLists& own = frames;
  if (own.state != FrameLists::State::InUse) [[unlikely]] {
    if (own.state == FrameLists::State::Reaped) return ::operator delete(memory);
    // Naming the reaper is what makes it, and registers its destructor with this thread.
    [[maybe_unused]] const Reaper& made = reaper;
  }
  FreeList& list = own.lists[index];
  if (list.length >= kept_per_class) return ::operator delete(memory);
  list.push(memory);
}

}  // namespace ditto::detail
