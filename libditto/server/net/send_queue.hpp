// What is to be written to a socket, in order: slices of replies, gathered for one system call. Owns the slices until
// their bytes have left. One thread at a time.
#pragma once

#include <array>
#include <asio/buffer.hpp>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "base/buffer.hpp"

namespace ditto::server {

class SendQueue {
 public:
  /// As many slices as Asio hands to one system call.
  static constexpr std::size_t max_gathered = 64;

  using Scratch = std::array<asio::const_buffer, max_gathered>;

  /// A sequence of buffers for Asio; valid as long as its scratch, until the queue changes.
  class Gathered {
   public:
    using value_type = asio::const_buffer;
    using const_iterator = const asio::const_buffer*;
    const_iterator begin() const noexcept { return buffers_; }
    const_iterator end() const noexcept { return buffers_ + count_; }
    std::size_t size_bytes() const noexcept { return size_bytes_; }

   private:
    friend class SendQueue;
    const asio::const_buffer* buffers_ = nullptr;
    std::size_t count_ = 0;
    std::size_t size_bytes_ = 0;
  };

  /// Slices up to this are copied where there is room.
  static constexpr std::size_t copied_bytes = 2048;

  void push(BufferChain chain) {
    for (const Buffer& slice : chain.buffers()) {
      if (slice.size() > copied_bytes || !append(slice.bytes())) slices_.push_back(slice);
    }
    size_ += chain.size();
  }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  /// The first slices.
  Gathered gather(Scratch& scratch) const noexcept {
    Gathered gathered;
    gathered.buffers_ = scratch.data();
    for (std::size_t i = first_; i < slices_.size() && gathered.count_ < max_gathered; ++i) {
      scratch[gathered.count_++] = asio::const_buffer(slices_[i].data(), slices_[i].size());
      gathered.size_bytes_ += slices_[i].size();
    }
    return gathered;
  }

  /// Drops the first `bytes`, which have left.
  void remove(std::size_t bytes) noexcept {
    size_ -= bytes;
    while (bytes > 0) {
      Buffer& front = slices_[first_];
      if (bytes < front.size()) {
        front.remove_prefix(bytes);
        break;
      }
      bytes -= front.size();
      front = Buffer();
      ++first_;
    }
    if (first_ == slices_.size()) {
      clear();
    } else if (first_ >= compact_after) {
      slices_.erase(slices_.begin(), slices_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
  }

  void clear() noexcept {
    if (slices_.capacity() > kept_capacity) {
      slices_ = std::vector<Buffer>();
    } else {
      slices_.clear();
    }
    first_ = size_ = 0;
  }

 private:
  static constexpr std::size_t compact_after = 256;
  static constexpr std::size_t kept_capacity = 1024;

  /// Copies `bytes` behind the last slice, if nobody else holds its chunk and there is room.
  bool append(Bytes bytes) noexcept {
    if (first_ == slices_.size()) return false;
    Buffer& last = slices_.back();
    const std::size_t end = last.size();
    if (last.capacity() - end < bytes.size() || !last.unique()) return false;
    last.resize(end + bytes.size());
    std::memcpy(last.data() + end, bytes.data(), bytes.size());
    return true;
  }

  std::vector<Buffer> slices_;  // those before first_ have left
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ditto::server
