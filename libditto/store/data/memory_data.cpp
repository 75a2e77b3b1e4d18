#include "store/data/memory_data.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/limits.hpp"

namespace ditto::store {
namespace {

constexpr std::uint64_t page_bytes = MemoryData::page_bytes;

using Page = std::array<std::byte, MemoryData::page_bytes>;

/// What to do with the part of one page that lies in a range.
struct Piece {
  std::uint64_t page;
  std::size_t in_page;
  std::size_t length;
};

Piece piece_at(std::uint64_t offset, std::uint64_t length) {
  const std::size_t in_page = offset % page_bytes;
  return {offset / page_bytes, in_page,
          static_cast<std::size_t>(std::min<std::uint64_t>(length, page_bytes - in_page))};
}

}  // namespace

class MemoryData::Object {
 public:
  explicit Object(MemoryData& store) : store_(store) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { store_.used_bytes_ -= pages_.size() * page_bytes; }

  std::size_t read(std::uint64_t offset, MutableBytes into) const {
    std::shared_lock lock(mutex_);
    if (offset >= size_) return 0;
    const std::size_t length = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset));
    for (std::size_t done = 0; done < length;) {
      const Piece piece = piece_at(offset + done, length - done);
      const auto page = pages_.find(piece.page);
      if (page == pages_.end()) {
        std::memset(into.data() + done, 0, piece.length);
      } else {
        std::memcpy(into.data() + done, page->second->data() + piece.in_page, piece.length);
      }
      done += piece.length;
    }
    return length;
  }

  Result<void> write(std::uint64_t offset, Bytes data) {
    std::lock_guard lock(mutex_);
    for (std::size_t done = 0; done < data.size();) {
      const Piece piece = piece_at(offset + done, data.size() - done);
      auto page = pages_.find(piece.page);
      if (page == pages_.end()) {
        if (!store_.reserve_page()) return fail(Error::NoSpace);
        page = pages_.emplace(piece.page, std::make_unique<Page>()).first;
      }
      std::memcpy(page->second->data() + piece.in_page, data.data() + done, piece.length);
      done += piece.length;
      size_ = std::max(size_, offset + done);
    }
    return {};
  }

  Result<void> allocate(std::uint64_t offset, std::uint64_t length) {
    std::lock_guard lock(mutex_);
    const std::uint64_t last = (offset + length - 1) / page_bytes;
    for (std::uint64_t number = offset / page_bytes; number <= last; ++number) {
      if (pages_.contains(number)) continue;
      if (!store_.reserve_page()) return fail(Error::NoSpace);
      pages_.emplace(number, std::make_unique<Page>());
    }
    size_ = std::max(size_, offset + length);
    return {};
  }

  void punch(std::uint64_t offset, std::uint64_t length) {
    std::lock_guard lock(mutex_);
    if (offset < size_) clear(offset, std::min(length, size_ - offset));
  }

  void truncate(std::uint64_t size) {
    std::lock_guard lock(mutex_);
    if (size < size_) clear(size, size_ - size);
    size_ = size;
  }

  std::uint64_t size() const {
    std::shared_lock lock(mutex_);
    return size_;
  }

  std::uint64_t space_used() const {
    std::shared_lock lock(mutex_);
    return pages_.size() * page_bytes;
  }

  Result<std::uint64_t> next_data(std::uint64_t offset) const {
    std::shared_lock lock(mutex_);
    if (offset >= size_) return fail(Error::NotFound);
    const auto page = pages_.lower_bound(offset / page_bytes);
    if (page == pages_.end()) return fail(Error::NotFound);
    return std::max(offset, page->first * page_bytes);
  }

  std::uint64_t next_hole(std::uint64_t offset) const {
    std::shared_lock lock(mutex_);
    if (offset >= size_) return size_;
    std::uint64_t number = offset / page_bytes;
    for (auto page = pages_.find(number); page != pages_.end() && page->first == number; ++page) ++number;
    return std::min(size_, std::max(offset, number * page_bytes));
  }

 private:
  /// Zeros the range; whole pages in it are given back. The range lies within the object.
  void clear(std::uint64_t offset, std::uint64_t length) {
    const std::uint64_t end = offset + length;
    for (auto page = pages_.lower_bound(offset / page_bytes); page != pages_.end();) {
      const std::uint64_t start = page->first * page_bytes;
      if (start >= end) return;
      const std::uint64_t from = std::max(start, offset) - start;
      const std::uint64_t to = std::min(start + page_bytes, end) - start;
      if (from == 0 && (to == page_bytes || start + to == size_)) {
        page = pages_.erase(page);
        store_.used_bytes_ -= page_bytes;
      } else {
        std::memset(page->second->data() + from, 0, to - from);
        ++page;
      }
    }
  }

  MemoryData& store_;
  mutable std::shared_mutex mutex_;  // guards size_ and pages_; bytes of a page behind size_ are zero
  std::uint64_t size_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Page>> pages_;
};

MemoryData::~MemoryData() = default;

Result<std::size_t> MemoryData::read(ObjectId object, std::uint64_t offset, MutableBytes into, Blocking) {
  const auto found = find(object);
  return found ? found->read(offset, into) : std::size_t{0};
}

Result<void> MemoryData::write(ObjectId object, std::uint64_t offset, const BufferChain& data, Blocking) {
  if (offset > limits::file_size || data.size() > limits::file_size - offset) return fail(Error::FileTooBig);
  if (data.empty()) return {};
  const auto target = find_or_create(object);
  for (const Buffer& buffer : data.buffers()) {
    if (auto written = target->write(offset, buffer.bytes()); !written) return written;
    offset += buffer.size();
  }
  return {};
}

Result<void> MemoryData::allocate(ObjectId object, std::uint64_t offset, std::uint64_t length) {
  if (offset > limits::file_size || length > limits::file_size - offset) return fail(Error::FileTooBig);
  if (length == 0) return {};
  if (length > max_reserved_bytes) return fail(Error::NoSpace);
  return find_or_create(object)->allocate(offset, length);
}

Result<void> MemoryData::punch(ObjectId object, std::uint64_t offset, std::uint64_t length) {
  if (const auto found = find(object)) found->punch(offset, length);
  return {};
}

Result<void> MemoryData::truncate(ObjectId object, std::uint64_t size) {
  if (size > limits::file_size) return fail(Error::FileTooBig);
  if (const auto target = size == 0 ? find(object) : find_or_create(object)) target->truncate(size);
  return {};
}

Result<void> MemoryData::sync(ObjectId) { return {}; }

Result<std::uint64_t> MemoryData::size(ObjectId object) {
  const auto found = find(object);
  return found ? found->size() : 0;
}

Result<std::uint64_t> MemoryData::space_used(ObjectId object) {
  const auto found = find(object);
  return found ? found->space_used() : 0;
}

Result<std::uint64_t> MemoryData::next_data(ObjectId object, std::uint64_t offset) {
  const auto found = find(object);
  if (!found) return fail(Error::NotFound);
  return found->next_data(offset);
}

Result<std::uint64_t> MemoryData::next_hole(ObjectId object, std::uint64_t offset) {
  const auto found = find(object);
  return found ? found->next_hole(offset) : 0;
}

Result<void> MemoryData::clone_range(ObjectId from, std::uint64_t from_offset, ObjectId to, std::uint64_t to_offset,
                                     std::uint64_t length) {
  if (length == 0) return {};
  if (to_offset > limits::file_size || length > limits::file_size - to_offset) return fail(Error::FileTooBig);
  if (from_offset > limits::file_size || length > limits::file_size - from_offset) return fail(Error::InvalidArgument);
  const auto target = find_or_create(to);
  if (target->size() < to_offset + length) target->truncate(to_offset + length);
  target->punch(to_offset, length);
  const auto source = find(from);
  if (!source) return {};
  std::vector<std::byte> copy(page_bytes);
  for (std::uint64_t at = from_offset, end = from_offset + length; at < end;) {
    const Result<std::uint64_t> data = source->next_data(at);
    if (!data || *data >= end) break;
    at = *data;
    const Piece piece = piece_at(at, end - at);
    const std::size_t got = source->read(at, MutableBytes(copy).first(piece.length));
    if (auto written = target->write(to_offset + (at - from_offset), Bytes(copy).first(got)); !written) return written;
    at += piece.length;
  }
  return {};
}

Result<void> MemoryData::remove(ObjectId object) {
  std::shared_ptr<Object> removed;  // its pages are freed outside the lock
  std::lock_guard lock(mutex_);
  if (const auto found = objects_.find(object); found != objects_.end()) {
    removed = std::move(found->second);
    objects_.erase(found);
  }
  return {};
}

Result<void> MemoryData::for_each(FunctionRef<bool(ObjectId, std::uint64_t)> visit) {
  std::vector<std::pair<ObjectId, std::shared_ptr<Object>>> all;
  {
    std::shared_lock lock(mutex_);
    all.assign(objects_.begin(), objects_.end());
  }
  for (const auto& [id, object] : all) {
    if (!visit(id, object->size())) break;
  }
  return {};
}

Result<Space> MemoryData::space() {
  const std::uint64_t used = std::min(used_bytes_.load(), capacity_bytes_);
  constexpr std::uint64_t files = std::uint64_t{1} << 32;
  std::shared_lock lock(mutex_);
  return Space{.total_bytes = capacity_bytes_,
               .free_bytes = capacity_bytes_ - used,
               .available_bytes = capacity_bytes_ - used,
               .total_files = files,
               .free_files = files - std::min<std::uint64_t>(files, objects_.size())};
}

std::shared_ptr<MemoryData::Object> MemoryData::find(ObjectId object) const {
  std::shared_lock lock(mutex_);
  const auto found = objects_.find(object);
  return found != objects_.end() ? found->second : nullptr;
}

std::shared_ptr<MemoryData::Object> MemoryData::find_or_create(ObjectId object) {
  if (auto found = find(object)) return found;
  std::lock_guard lock(mutex_);
  auto& slot = objects_[object];
  if (!slot) slot = std::make_shared<Object>(*this);
  return slot;
}

bool MemoryData::reserve_page() {
  if (used_bytes_.fetch_add(page_bytes) + page_bytes <= capacity_bytes_) return true;
  used_bytes_ -= page_bytes;
  return false;
}

}  // namespace ditto::store
