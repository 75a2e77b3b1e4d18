#include "support/power_cut/contents.hpp"

#include <algorithm>
#include <cstring>

#include "support/power_cut/share.hpp"

namespace ditto::test {

const Contents::Page* Contents::find(std::uint64_t page) const {
  const auto chunk = chunks_.find(page / pages_per_chunk);
  return chunk == chunks_.end() ? nullptr : chunk->second->pages[page % pages_per_chunk].get();
}

Contents::Page& Contents::writable(std::uint64_t page) {
  return own(own(chunks_[page / pages_per_chunk]).pages[page % pages_per_chunk]);
}

void Contents::drop(std::uint64_t page) {
  if (find(page) != nullptr) own(chunks_[page / pages_per_chunk]).pages[page % pages_per_chunk].reset();
}

void Contents::put(std::uint64_t offset, std::span<const std::byte> data) {
  while (!data.empty()) {
    const std::size_t at = offset % page_bytes;
    const std::size_t part = std::min(data.size(), page_bytes - at);
    std::memcpy(writable(offset / page_bytes).data() + at, data.data(), part);
    data = data.subspan(part);
    offset += part;
  }
}

void Contents::zero(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t end = length > UINT64_MAX - offset ? UINT64_MAX : offset + length;
  // Only where there are chunks: the range may be huge.
  auto chunk = chunks_.lower_bound(offset / page_bytes / pages_per_chunk);
  for (; chunk != chunks_.end() && chunk->first * pages_per_chunk * page_bytes < end; ++chunk) {
    for (std::size_t i = 0; i < pages_per_chunk; ++i) {
      const std::uint64_t page = chunk->first * pages_per_chunk + i;
      const std::uint64_t from = std::max(offset, page * page_bytes);
      const std::uint64_t to = std::min(end, (page + 1) * page_bytes);
      if (from >= to || find(page) == nullptr) continue;
      if (to - from == page_bytes) {
        drop(page);
      } else {
        std::memset(writable(page).data() + from % page_bytes, 0, to - from);
      }
    }
  }
}

void Contents::resize(std::uint64_t size) {
  const std::uint64_t first_gone = (size + page_bytes - 1) / page_bytes;
  chunks_.erase(chunks_.lower_bound((first_gone + pages_per_chunk - 1) / pages_per_chunk), chunks_.end());
  zero(size, UINT64_MAX - size);
  size_ = size;
}

void Contents::for_each_page(const std::function<void(std::uint64_t offset, const Page& page)>& visit) const {
  for (const auto& [number, chunk] : chunks_) {
    for (std::size_t i = 0; i < pages_per_chunk; ++i) {
      if (const Page* page = chunk->pages[i].get()) visit((number * pages_per_chunk + i) * page_bytes, *page);
    }
  }
}

}  // namespace ditto::test
