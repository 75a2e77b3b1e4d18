#include "store/data/local/local_data.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/limits.hpp"
#include "store/data/local/file_io.hpp"
#include "store/data/local/system.hpp"
#include "store/system_error.hpp"

namespace ditto::store {
namespace {

/// A file that has less than this in memory is not worth an early write-back.
constexpr std::uint64_t min_writeback_bytes = std::uint64_t{1} << 20;

bool fits(std::uint64_t offset, std::uint64_t length) {
  return offset <= limits::file_size && length <= limits::file_size - offset;
}

}  // namespace

std::expected<std::unique_ptr<LocalData>, std::string> LocalData::open(const std::string& root, DiskSpace& space,
                                                                       std::size_t open_objects) {
  auto folders = local::ObjectFolders::open(root);
  if (!folders) return std::unexpected(std::move(folders.error()));
  return std::unique_ptr<LocalData>(new LocalData(std::move(*folders), space, open_objects));
}

LocalData::LocalData(std::unique_ptr<local::ObjectFolders> folders, DiskSpace& space, std::size_t open_objects)
    : space_(space), folders_(std::move(folders)), files_(*folders_, open_objects) {}

Result<std::size_t> LocalData::read(ObjectId object, std::uint64_t offset, MutableBytes into, Blocking blocking) {
  Pinned file = files_.find(object);
  if (!file) {
    if (blocking == Blocking::Never) return fail(Error::WouldBlock);
    auto opened = files_.open(object);
    if (!opened) return fail(opened.error());
    if (!*opened) return std::size_t{0};
    file = std::move(*opened);
  }
  if (offset > limits::file_size) return std::size_t{0};
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), limits::file_size - offset)));
  return read_open(file->fd(), offset, into, blocking);
}

Result<std::size_t> LocalData::read_open(int fd, std::uint64_t offset, MutableBytes into, Blocking blocking) {
  if (blocking == Blocking::Never && nowait_works_.load(std::memory_order_relaxed)) {
    const auto got = local::read_in_memory(fd, offset, into);
    if (got || got.error() != Error::NotSupported) return got;
    nowait_works_.store(false, std::memory_order_relaxed);
  }
  return local::read_fully(fd, offset, into);
}

Result<void> LocalData::write(ObjectId object, std::uint64_t offset, const BufferChain& data, Blocking blocking) {
  if (!fits(offset, data.size())) return fail(Error::FileTooBig);
  if (data.empty()) return {};
  const bool many_unsynced = files_.unsynced_bytes() > max_unsynced_bytes;
  Pinned file = files_.find(object);
  if (blocking == Blocking::Never) {
    if (!file || many_unsynced || data.size() > max_nonblocking_write_bytes) return fail(Error::WouldBlock);
  } else if (!file) {
    auto opened = files_.open_or_create(object);
    if (!opened) return fail(opened.error());
    file = std::move(*opened);
  }
  if (auto room = check_room(file->fd(), offset, data.size(), blocking); !room) return room;
  space_.taken(data.size());
  files_.wrote(*file, data.size());
  if (auto written = local::write_fully(file->fd(), offset, data); !written) return written;
  if (many_unsynced && file->unsynced_bytes.load(std::memory_order_relaxed) >= min_writeback_bytes) {
    local::start_writeback(file->fd());
    files_.forget_written(*file);
  }
  return {};
}

Result<void> LocalData::check_room(int fd, std::uint64_t offset, std::uint64_t length, Blocking blocking) {
  if (space_.has_room(length)) return {};
  // The disk is full. What already has its blocks may still be overwritten.
  if (blocking == Blocking::Never) return fail(Error::WouldBlock);
  const auto end = local::file_size(fd);
  const auto hole = local::next_hole(fd, offset);
  if (!end || !hole) return fail(Error::Io);
  if (offset + length <= std::min(*end, *hole)) return {};
  // Blocks that are reserved, and were never written, are a hole to whoever looks for data.
  if (local::has_blocks(fd, static_cast<off_t>(offset), static_cast<off_t>(length))) return {};
  return fail(Error::NoSpace);
}

Result<void> LocalData::allocate(ObjectId object, std::uint64_t offset, std::uint64_t length) {
  if (!fits(offset, length)) return fail(Error::FileTooBig);
  if (length == 0) return {};
  if (!space_.has_room(length)) return fail(Error::NoSpace);
  auto file = files_.open_or_create(object);
  if (!file) return fail(file.error());
  space_.taken(length);
  files_.wrote(**file, 0);
  auto reserved = local::reserve((*file)->fd(), offset, length);
  space_.freed();
  return reserved;
}

Result<void> LocalData::punch(ObjectId object, std::uint64_t offset, std::uint64_t length) {
  auto file = files_.open(object);
  if (!file) return fail(file.error());
  if (!*file) return {};
  const auto end = local::file_size((*file)->fd());
  if (!end) return fail(end.error());
  if (offset >= *end || length == 0) return {};
  files_.wrote(**file, 0);
  auto done = local::zero_range((*file)->fd(), offset, std::min(length, *end - offset));
  space_.freed();
  return done;
}

Result<void> LocalData::truncate(ObjectId object, std::uint64_t size) {
  if (size > limits::file_size) return fail(Error::FileTooBig);
  auto file = size == 0 ? files_.open(object) : files_.open_or_create(object);
  if (!file) return fail(file.error());
  if (!*file) return {};
  files_.wrote(**file, 0);
  while (::ftruncate((*file)->fd(), static_cast<off_t>(size)) != 0) {
    if (errno == EINTR) continue;
    // The system knows no larger file either way.
    return fail(errno == EINVAL ? Error::FileTooBig : error_of(errno));
  }
  space_.freed();
  return {};
}

Result<void> LocalData::sync(ObjectId object) {
  auto file = files_.open(object);
  if (!file) return fail(file.error());
  if (!*file) return files_.take_error(object);
  if (auto synced = files_.sync(**file); !synced) return synced;
  return folders_->sync_entry(object, (*file)->epoch());
}

Result<std::uint64_t> LocalData::size(ObjectId object) {
  auto file = files_.open(object);
  if (!file) return fail(file.error());
  return *file ? local::file_size((*file)->fd()) : 0;
}

Result<std::uint64_t> LocalData::space_used(ObjectId object) {
  auto file = files_.open(object);
  if (!file) return fail(file.error());
  struct stat status{};
  if (*file && ::fstat((*file)->fd(), &status) != 0) return fail(error_of(errno));
  constexpr std::uint64_t unit_bytes = 512;  // of st_blocks, whatever the file system's blocks are
  return static_cast<std::uint64_t>(status.st_blocks) * unit_bytes;
}

Result<std::uint64_t> LocalData::next_data(ObjectId object, std::uint64_t offset) {
  auto file = files_.open(object);
  if (!file) return fail(file.error());
  if (!*file || offset > limits::file_size) return fail(Error::NotFound);
  return local::next_data((*file)->fd(), offset);
}

Result<std::uint64_t> LocalData::next_hole(ObjectId object, std::uint64_t offset) {
  auto file = files_.open(object);
  if (!file) return fail(file.error());
  if (!*file) return 0;
  if (offset > limits::file_size) return local::file_size((*file)->fd());
  return local::next_hole((*file)->fd(), offset);
}

Result<void> LocalData::clone_range(ObjectId from, std::uint64_t from_offset, ObjectId to, std::uint64_t to_offset,
                                    std::uint64_t length) {
  if (length == 0) return {};
  if (!fits(to_offset, length)) return fail(Error::FileTooBig);
  if (!fits(from_offset, length)) return fail(Error::InvalidArgument);
  auto source = files_.open(from);
  if (!source) return fail(source.error());
  auto target = files_.open_or_create(to);
  if (!target) return fail(target.error());
  const int to_fd = (*target)->fd();
  const auto to_end = local::file_size(to_fd);
  if (!to_end) return fail(to_end.error());
  std::uint64_t from_end = 0;
  if (*source) {
    const auto end = local::file_size((*source)->fd());
    if (!end) return fail(end.error());
    from_end = *end;
  }
  const std::uint64_t present = from_offset < from_end ? std::min(length, from_end - from_offset) : 0;
  files_.wrote(**target, 0);
  const bool shared =
      present == length && local::share_range((*source)->fd(), static_cast<off_t>(from_offset), to_fd,
                                              static_cast<off_t>(to_offset), static_cast<off_t>(length));
  if (shared) return {};
  if (!space_.has_room(present)) return fail(Error::NoSpace);
  // What stays unwritten of the range (holes of the source, and what lies behind its end) reads as zeros.
  if (to_offset < *to_end) {
    if (auto zeroed = local::zero_range(to_fd, to_offset, std::min(length, *to_end - to_offset)); !zeroed)
      return zeroed;
  }
  if (*to_end < to_offset + length && ::ftruncate(to_fd, static_cast<off_t>(to_offset + length)) != 0) {
    return fail(error_of(errno));
  }
  if (present == 0) return {};
  space_.taken(present);
  files_.wrote(**target, present);
  return local::copy_data((*source)->fd(), from_offset, to_fd, to_offset, present);
}

Result<void> LocalData::remove(ObjectId object) {
  auto removed = files_.remove(object);
  space_.freed();
  return removed;
}

Result<void> LocalData::for_each(FunctionRef<bool(ObjectId, std::uint64_t)> visit) { return folders_->for_each(visit); }

}  // namespace ditto::store
