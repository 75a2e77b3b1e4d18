#include "base/buffer.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <new>

#include "base/assert.hpp"
#include "base/chunk_depot.hpp"
#include "base/free_list.hpp"

namespace ditto {

// The header of a chunk lies directly in front of its data.
struct Buffer::Chunk {
  std::atomic<std::uint32_t> references;  // slices that share the chunk; the last one returns it
  std::uint32_t size_class;
  std::size_t capacity;

  std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this) + sizeof(Chunk); }
};

namespace {

using detail::chunk_class_count;
using detail::chunk_classes;

constexpr std::uint32_t unpooled = chunk_class_count;

struct ChunkLists {
  std::array<detail::FreeList, chunk_class_count> lists;
  bool reaped = false;
};
constinit thread_local ChunkLists chunks;

std::size_t alignment_of(std::uint32_t size_class) noexcept {
  return size_class < unpooled ? chunk_classes[size_class].alignment : detail::page;
}

// The header takes the last bytes of the room in front of the data.
void* new_block(std::size_t capacity, std::size_t alignment) {
  return detail::new_block(alignment + capacity, alignment);
}
void delete_block(void* block, std::size_t capacity, std::size_t alignment) noexcept {
  detail::delete_block(block, alignment + capacity, alignment);
}

struct Reaper {
  bool armed = true;
  ~Reaper() {
    chunks.reaped = true;
    for (std::uint32_t i = 0; i < unpooled; ++i) {
      while (void* block = chunks.lists[i].pop()) {
        if (!detail::give_to_depot(i, block))
          delete_block(block, chunk_classes[i].capacity, chunk_classes[i].alignment);
      }
    }
  }
};
thread_local Reaper reaper;

}  // namespace

struct ChunkPool {
  static Buffer::Chunk* take(std::size_t size) {
    static_assert(sizeof(Buffer::Chunk) <= detail::usual_alignment);
    std::uint32_t size_class = 0;
    while (size_class < unpooled && chunk_classes[size_class].capacity < size) ++size_class;
    const std::size_t alignment = alignment_of(size_class);
    std::size_t capacity = size;
    void* block = nullptr;
    if (size_class < unpooled) {
      capacity = chunk_classes[size_class].capacity;
      block = chunks.lists[size_class].pop();
      if (!block) block = detail::take_from_depot(size_class);
    } else if (size > std::numeric_limits<std::size_t>::max() / 2) {
      throw std::bad_alloc();
    }
    if (!block) block = new_block(capacity, alignment);
    auto* header = static_cast<std::byte*>(block) + alignment - sizeof(Buffer::Chunk);
    return ::new (header) Buffer::Chunk{.references = 1, .size_class = size_class, .capacity = capacity};
  }

  static void give_back(Buffer::Chunk* chunk) noexcept {
    const std::uint32_t size_class = chunk->size_class;
    const std::size_t capacity = chunk->capacity;
    const std::size_t alignment = alignment_of(size_class);
    void* block = chunk->data() - alignment;
    chunk->~Chunk();
    if (detail::keep_freed_blocks && size_class < unpooled) {
      auto& list = chunks.lists[size_class];
      // Naming the reaper is what registers its destructor with this thread.
      if (list.length < chunk_classes[size_class].kept && !chunks.reaped && reaper.armed) return list.push(block);
      if (detail::give_to_depot(size_class, block)) return;
    }
    delete_block(block, capacity, alignment);
  }
};

Buffer Buffer::allocate(std::size_t size) {
  Buffer made;
  made.chunk_ = ChunkPool::take(size);
  made.data_ = made.chunk_->data();
  made.size_ = size;
  return made;
}

Buffer Buffer::copy_of(Bytes bytes) {
  Buffer made = allocate(bytes.size());
  std::copy(bytes.begin(), bytes.end(), made.data_);
  return made;
}

std::size_t Buffer::capacity() const noexcept {
  return chunk_ ? static_cast<std::size_t>(chunk_->data() + chunk_->capacity - data_) : 0;
}

void Buffer::resize(std::size_t size) noexcept {
  DITTO_ASSERT(size <= capacity());
  size_ = size;
}

Buffer Buffer::slice(std::size_t offset, std::size_t length) const noexcept {
  DITTO_ASSERT(offset <= size_ && length <= size_ - offset);
  Buffer part(*this);
  part.data_ += offset;
  part.size_ = length;
  return part;
}

bool Buffer::unique() const noexcept { return chunk_ && chunk_->references.load(std::memory_order_acquire) == 1; }

void Buffer::retain() noexcept { chunk_->references.fetch_add(1, std::memory_order_relaxed); }

void Buffer::release() noexcept {
  // The only holder needs no read-modify-write: nobody else can take a reference meanwhile.
  if (chunk_->references.load(std::memory_order_acquire) == 1 ||
      chunk_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    ChunkPool::give_back(chunk_);
  }
}

void BufferChain::append(Buffer buffer) {
  if (buffer.empty()) return;
  size_ += buffer.size();
  buffers_.push_back(std::move(buffer));
}

void BufferChain::append(const BufferChain& other) {
  const std::size_t count = other.buffers_.size();  // `other` may be this chain
  buffers_.reserve(buffers_.size() + count);
  for (std::size_t i = 0; i < count; ++i) append(Buffer(other.buffers_[i]));
}

void BufferChain::append(BufferChain&& other) {
  DITTO_ASSERT(this != &other);
  if (buffers_.empty()) {
    *this = std::move(other);
  } else {
    buffers_.reserve(buffers_.size() + other.buffers_.size());
    for (auto& buffer : other.buffers_) append(std::move(buffer));
  }
  other.clear();
}

BufferChain BufferChain::slice(std::size_t offset, std::size_t length) const {
  DITTO_ASSERT(offset <= size_ && length <= size_ - offset);
  BufferChain part;
  for (const Buffer& buffer : buffers_) {
    if (length == 0) break;
    if (offset >= buffer.size()) {
      offset -= buffer.size();
      continue;
    }
    const std::size_t here = std::min(length, buffer.size() - offset);
    part.append(buffer.slice(offset, here));
    length -= here;
    offset = 0;
  }
  return part;
}

void BufferChain::remove_prefix(std::size_t length) {
  DITTO_ASSERT(length <= size_);
  size_ -= length;
  std::size_t whole = 0;
  while (whole < buffers_.size() && length >= buffers_[whole].size()) length -= buffers_[whole++].size();
  buffers_.erase_front(whole);
  if (length > 0) buffers_.front().remove_prefix(length);
}

void BufferChain::truncate(std::size_t length) {
  DITTO_ASSERT(length <= size_);
  while (size_ > length) {
    Buffer& last = buffers_.back();
    const std::size_t excess = size_ - length;
    if (excess < last.size()) {
      last.resize(last.size() - excess);
      size_ = length;
    } else {
      size_ -= last.size();
      buffers_.pop_back();
    }
  }
}

void BufferChain::copy_to(std::size_t offset, MutableBytes to) const noexcept {
  DITTO_ASSERT(offset <= size_ && to.size() <= size_ - offset);
  for (const Buffer& buffer : buffers_) {
    if (to.empty()) return;
    if (offset >= buffer.size()) {
      offset -= buffer.size();
      continue;
    }
    const std::size_t here = std::min(to.size(), buffer.size() - offset);
    std::memcpy(to.data(), buffer.data() + offset, here);
    to = to.subspan(here);
    offset = 0;
  }
}

Buffer BufferChain::coalesce() const {
  if (buffers_.empty()) return {};
  if (buffers_.size() == 1) return buffers_.front();
  Buffer whole = Buffer::allocate(size_);
  copy_to(0, whole.writable());
  return whole;
}

bool operator==(const BufferChain& a, const BufferChain& b) noexcept {
  if (a.size_ != b.size_) return false;
  std::size_t ai = 0, bi = 0, a_at = 0, b_at = 0;
  for (std::size_t left = a.size_; left > 0;) {
    const Buffer& as = a.buffers_[ai];
    const Buffer& bs = b.buffers_[bi];
    const std::size_t here = std::min(as.size() - a_at, bs.size() - b_at);
    if (std::memcmp(as.data() + a_at, bs.data() + b_at, here) != 0) return false;
    left -= here;
    if ((a_at += here) == as.size()) ++ai, a_at = 0;
    if ((b_at += here) == bs.size()) ++bi, b_at = 0;
  }
  return true;
}

}  // namespace ditto
