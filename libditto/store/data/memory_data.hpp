// MemoryData: the DataStore that keeps objects in memory, in pages that exist only where somebody wrote. Nothing
// survives it and nothing ever blocks. Any thread: one lock for the table of objects, one for each object.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <unordered_map>

#include "store/data/data_store.hpp"

namespace ditto::store {

class MemoryData final : public DataStore {
 public:
  /// `capacity_bytes` bounds the pages of all objects together: beyond it write() answers NoSpace.
  explicit MemoryData(std::uint64_t capacity_bytes = default_capacity_bytes) : capacity_bytes_(capacity_bytes) {}
  ~MemoryData() override;

  static constexpr std::uint64_t default_capacity_bytes = std::uint64_t{1} << 40;
  /// One allocate() reserves no more: what is reserved here is memory.
  static constexpr std::uint64_t max_reserved_bytes = std::uint64_t{64} << 20;
  static constexpr std::size_t page_bytes = std::size_t{64} << 10;

  Result<std::size_t> read(ObjectId object, std::uint64_t offset, MutableBytes into, Blocking blocking) override;
  Result<void> write(ObjectId object, std::uint64_t offset, const BufferChain& data, Blocking blocking) override;
  Result<void> allocate(ObjectId object, std::uint64_t offset, std::uint64_t length) override;
  Result<void> punch(ObjectId object, std::uint64_t offset, std::uint64_t length) override;
  Result<void> truncate(ObjectId object, std::uint64_t size) override;
  Result<void> sync(ObjectId object) override;
  Result<std::uint64_t> size(ObjectId object) override;
  Result<std::uint64_t> space_used(ObjectId object) override;
  Result<std::uint64_t> next_data(ObjectId object, std::uint64_t offset) override;
  Result<std::uint64_t> next_hole(ObjectId object, std::uint64_t offset) override;
  Result<void> clone_range(ObjectId from, std::uint64_t from_offset, ObjectId to, std::uint64_t to_offset,
                           std::uint64_t length) override;
  Result<void> remove(ObjectId object) override;
  Result<void> for_each(FunctionRef<bool(ObjectId object, std::uint64_t size_bytes)> visit) override;
  Result<Space> space() override;

 private:
  class Object;

  std::shared_ptr<Object> find(ObjectId object) const;
  std::shared_ptr<Object> find_or_create(ObjectId object);
  bool reserve_page();

  const std::uint64_t capacity_bytes_;
  std::atomic<std::uint64_t> used_bytes_ = 0;  // pages of all objects; only a sum, it orders nothing
  mutable std::shared_mutex mutex_;            // guards objects_, not the objects
  std::unordered_map<ObjectId, std::shared_ptr<Object>> objects_;
};

}  // namespace ditto::store
