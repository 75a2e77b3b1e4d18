// LocalData: the DataStore that keeps each object in one sparse file, written in place through the page cache. Holes,
// shared blocks and copies are the file system's where it has them. It keeps a bounded number of files open and nothing
// else in memory. Any thread; a call that is told not to block answers only from an open file, and only with bytes that
// are in memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "store/data/data_store.hpp"
#include "store/data/local/object_folders.hpp"
#include "store/data/local/open_files.hpp"
#include "store/disk_space.hpp"

namespace ditto::store {

/// Files kept open unless the owner says otherwise; the process's own limit must leave room for its connections.
inline constexpr std::size_t default_open_objects = 4096;
/// The largest write that goes to the page cache on a thread that must not block: copying more takes too long there.
inline constexpr std::size_t max_nonblocking_write_bytes = std::size_t{64} << 10;
/// Written bytes that nobody has asked to sync: beyond it, a writer may be made to wait by the kernel, and so leaves
/// the loop.
inline constexpr std::uint64_t max_unsynced_bytes = std::uint64_t{256} << 20;

class LocalData final : public DataStore {
 public:
  /// `root` is an existing folder that belongs to this store alone. `space` is the disk that it lies on. The error is a
  /// sentence for the user.
  static std::expected<std::unique_ptr<LocalData>, std::string> open(const std::string& root, DiskSpace& space,
                                                                     std::size_t open_objects = default_open_objects);

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
  Result<Space> space() override { return space_.read(); }

 private:
  using Pinned = local::OpenFiles::Pinned;

  LocalData(std::unique_ptr<local::ObjectFolders> folders, DiskSpace& space, std::size_t open_objects);
  Result<std::size_t> read_open(int fd, std::uint64_t offset, MutableBytes into, Blocking blocking);
  Result<void> check_room(int fd, std::uint64_t offset, std::uint64_t length, Blocking blocking);

  DiskSpace& space_;
  const std::unique_ptr<local::ObjectFolders> folders_;
  local::OpenFiles files_;
  std::atomic<bool> nowait_works_ = true;  // false once the file system has said that it cannot; a hint
};

}  // namespace ditto::store
