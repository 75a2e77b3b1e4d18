#pragma once

// The bytes of a sparse file in memory, in pages that copies share until they change, so that a copy is cheap. Nothing
// lies beyond its size but after put(). Not locked: one thread changes an object, but copies of it may be used by
// others.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>

namespace ditto::test {

class Contents {
 public:
  static constexpr std::size_t page_bytes = 4096;
  using Page = std::array<std::byte, page_bytes>;

  std::uint64_t size() const noexcept { return size_; }

  /// Bytes come to `offset`, which may be beyond the size: a later grow() shows them, a later resize() drops them.
  void put(std::uint64_t offset, std::span<const std::byte> data);
  void zero(std::uint64_t offset, std::uint64_t length);
  void grow(std::uint64_t size) noexcept {
    if (size > size_) size_ = size;
  }
  /// What lies beyond the new size is gone.
  void resize(std::uint64_t size);

  /// Every page that was written, in order; the last one may reach beyond the size.
  void for_each_page(const std::function<void(std::uint64_t offset, const Page& page)>& visit) const;

 private:
  static constexpr std::size_t pages_per_chunk = 64;
  struct Chunk {
    std::array<std::shared_ptr<Page>, pages_per_chunk> pages;
  };

  const Page* find(std::uint64_t page) const;
  Page& writable(std::uint64_t page);
  void drop(std::uint64_t page);

  std::uint64_t size_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Chunk>> chunks_;
};

}  // namespace ditto::test
