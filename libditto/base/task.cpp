#include "base/task.hpp"

#include <array>
#include <new>

namespace ditto::detail {
namespace {

constexpr std::size_t class_bytes = 256;
constexpr std::size_t classes = 16;         // frames up to 4 KiB are kept
constexpr std::size_t kept_per_class = 64;  // per thread

struct FreeFrame {
  FreeFrame* next;
};

struct FrameLists {
  struct List {
    FreeFrame* head = nullptr;
    std::size_t length = 0;
  };
  std::array<List, classes> lists;
  ~FrameLists() {
    for (auto& list : lists) {
      while (list.head) {
        FreeFrame* frame = list.head;
        list.head = frame->next;
        ::operator delete(frame);
      }
    }
  }
};

thread_local FrameLists frames;

constexpr std::size_t class_of(std::size_t size) { return (size - 1) / class_bytes; }

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index >= classes) return ::operator new(size);
  auto& list = frames.lists[index];
  if (!list.head) return ::operator new((index + 1) * class_bytes);
  FreeFrame* frame = list.head;
  list.head = frame->next;
  --list.length;
  return frame;
}

void free_frame(void* memory, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (index >= classes || frames.lists[index].length >= kept_per_class) return ::operator delete(memory);
  auto& list = frames.lists[index];
  list.head = new (memory) FreeFrame{list.head};
  ++list.length;
}

}  // namespace ditto::detail
