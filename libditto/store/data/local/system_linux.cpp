#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "store/data/local/system.hpp"

namespace ditto::store::local {

ssize_t read_nowait(int fd, void* into, std::size_t size_bytes, off_t offset) noexcept {
  const iovec piece{into, size_bytes};
  return ::preadv2(fd, &piece, 1, offset, RWF_NOWAIT);
}

int punch_hole(int fd, off_t offset, off_t length) noexcept {
  return ::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int reserve_range(int fd, off_t offset, off_t length) noexcept { return ::fallocate(fd, 0, offset, length); }

// One extent at a time: whoever asks is writing where the disk is full.
bool has_blocks(int fd, off_t offset, off_t length) noexcept {
  const auto end = static_cast<__u64>(offset) + static_cast<__u64>(length);
  for (auto at = static_cast<__u64>(offset); at < end;) {
    alignas(fiemap) std::array<std::byte, sizeof(fiemap) + sizeof(fiemap_extent)> room{};
    auto* const map = reinterpret_cast<fiemap*>(room.data());
    map->fm_start = at;
    map->fm_length = end - at;
    map->fm_extent_count = 1;
    if (::ioctl(fd, FS_IOC_FIEMAP, map) != 0 || map->fm_mapped_extents != 1) return false;
    fiemap_extent extent;
    std::memcpy(&extent, room.data() + sizeof(fiemap), sizeof extent);
    // What the disk has yet to place has no block.
    if (extent.fe_logical > at || (extent.fe_flags & FIEMAP_EXTENT_DELALLOC) != 0) return false;
    if (extent.fe_logical + extent.fe_length <= at) return false;
    at = extent.fe_logical + extent.fe_length;
  }
  return true;
}

off_t seek_data(int fd, off_t offset) noexcept { return ::lseek(fd, offset, SEEK_DATA); }
off_t seek_hole(int fd, off_t offset) noexcept { return ::lseek(fd, offset, SEEK_HOLE); }

bool share_range(int from, off_t from_offset, int to, off_t to_offset, off_t length) noexcept {
  const file_clone_range range{.src_fd = from,
                               .src_offset = static_cast<__u64>(from_offset),
                               .src_length = static_cast<__u64>(length),
                               .dest_offset = static_cast<__u64>(to_offset)};
  return ::ioctl(to, FICLONERANGE, &range) == 0;
}

ssize_t copy_range(int from, off_t from_offset, int to, off_t to_offset, std::size_t length) noexcept {
  const ssize_t copied = ::copy_file_range(from, &from_offset, to, &to_offset, length, 0);
  // Which error says "not these two files" has changed with the kernel's version and differs between file systems.
  if (copied < 0 && (errno == ENOSYS || errno == EXDEV || errno == EINVAL || errno == EPERM)) errno = EOPNOTSUPP;
  return copied;
}

void start_writeback(int fd) noexcept { ::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); }

}  // namespace ditto::store::local
