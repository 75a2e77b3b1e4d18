#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "store/data/local/system.hpp"

namespace ditto::store::local {

ssize_t read_nowait(int, void*, std::size_t, off_t) noexcept {
  errno = EOPNOTSUPP;
  return -1;
}

int punch_hole(int, off_t, off_t) noexcept {
  errno = EOPNOTSUPP;
  return -1;
}

int reserve_range(int, off_t, off_t) noexcept {
  errno = EOPNOTSUPP;
  return -1;
}

bool has_blocks(int, off_t, off_t) noexcept { return false; }

off_t seek_data(int fd, off_t offset) noexcept {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return -1;
  if (offset < status.st_size) return offset;
  errno = ENXIO;
  return -1;
}

off_t seek_hole(int fd, off_t offset) noexcept {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return -1;
  if (offset < status.st_size) return status.st_size;
  errno = ENXIO;
  return -1;
}

bool share_range(int, off_t, int, off_t, off_t) noexcept { return false; }

ssize_t copy_range(int, off_t, int, off_t, std::size_t) noexcept {
  errno = EOPNOTSUPP;
  return -1;
}

void start_writeback(int) noexcept {}

}  // namespace ditto::store::local
