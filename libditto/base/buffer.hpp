// Reference-counted memory from the socket to the store and back. A Buffer is a slice of a shared chunk; a BufferChain
// is a sequence of slices that reads as one run of bytes. Payloads travel by linking slices, never by copying. Slices
// may be shared between threads (the count is atomic); one Buffer or BufferChain object belongs to one thread at a
// time. Whoever holds the only reference may write; a slice that has been shared is read-only by convention. Chunks
// come from free lists of three sizes, per thread, and go back to the list of the thread that drops the last reference;
// what those lists do not hold of the larger sizes passes through the depot that all threads share
// (base/chunk_depot.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/bytes.hpp"
#include "base/small_vector.hpp"

namespace ditto {

class Buffer {
 public:
  Buffer() noexcept = default;
  Buffer(const Buffer& other) noexcept : chunk_(other.chunk_), data_(other.data_), size_(other.size_) {
    if (chunk_) retain();
  }
  Buffer(Buffer&& other) noexcept
      : chunk_(std::exchange(other.chunk_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(chunk_, other.chunk_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() {
    if (chunk_) release();
  }

  /// Fresh, uninitialised memory of `size_bytes`; the capacity may be larger. Throws std::bad_alloc.
  static Buffer allocate(std::size_t size_bytes);
  /// A copy of `bytes` in fresh memory.
  static Buffer copy_of(Bytes bytes);

  std::byte* data() noexcept { return data_; }
  const std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  Bytes bytes() const noexcept { return {data_, size_}; }
  MutableBytes writable() noexcept { return {data_, size_}; }

  /// Bytes from data() to the end of the chunk: how far resize() may grow this slice.
  std::size_t capacity() const noexcept;
  /// Shortens or grows the slice within its capacity; bytes gained are uninitialised.
  void resize(std::size_t size_bytes) noexcept;
  /// A slice of this slice that shares its chunk; `offset + length` must lie within size().
  Buffer slice(std::size_t offset, std::size_t length) const noexcept;
  void remove_prefix(std::size_t length) noexcept { data_ += length, size_ -= length; }
  /// True when no other slice shares the chunk.
  bool unique() const noexcept;

 private:
  struct Chunk;
  friend struct ChunkPool;
  void retain() noexcept;
  void release() noexcept;

  Chunk* chunk_ = nullptr;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

class BufferChain {
 public:
  BufferChain() noexcept = default;
  BufferChain(const BufferChain& other) = default;
  BufferChain(BufferChain&& other) noexcept
      : buffers_(std::move(other.buffers_)), size_(std::exchange(other.size_, 0)) {}
  BufferChain& operator=(const BufferChain& other) = default;
  BufferChain& operator=(BufferChain&& other) noexcept {
    buffers_ = std::move(other.buffers_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ~BufferChain() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): one slice is a chain
  BufferChain(Buffer buffer) { append(std::move(buffer)); }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::span<const Buffer> buffers() const noexcept { return {buffers_.data(), buffers_.size()}; }

  /// Links `buffer` (or all of `other`) to the end; empty slices are dropped. No bytes are copied.
  void append(Buffer buffer);
  void append(const BufferChain& other);
  void append(BufferChain&& other);
  /// Slices that cover `length` bytes from `offset`, which must lie within size(). No bytes are copied.
  BufferChain slice(std::size_t offset, std::size_t length) const;
  /// Drops the first `length` bytes.
  void remove_prefix(std::size_t length);
  /// Keeps the first `length` bytes, which must lie within size().
  void truncate(std::size_t length);
  void clear() noexcept { buffers_.clear(), size_ = 0; }

  /// Copies out `to.size()` bytes from `offset`; for small fields and tests, not for payloads.
  void copy_to(std::size_t offset, MutableBytes to) const noexcept;
  /// All bytes in one slice: the slice itself when there is only one, else a copy.
  Buffer coalesce() const;

  friend bool operator==(const BufferChain& a, const BufferChain& b) noexcept;

 private:
  // A call or a reply is seldom more than a header, a payload and its padding.
  SmallVector<Buffer, 3> buffers_;
  std::size_t size_ = 0;
};

}  // namespace ditto
