#pragma once

// The system's calls that change files, past libc's functions of the same name, which power_cut replaces. They return
// and set errno as those do. Linux. Any thread.

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>
#include <span>

namespace ditto::test::raw {

inline int openat(int folder, const char* path, int flags, mode_t mode = 0) {
  return static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
}
/// Every way of writing: an `offset` of -1 is the descriptor's position.
inline ssize_t write(int fd, std::span<const iovec> pieces, off_t offset = -1, int flags = 0) {
  return ::syscall(SYS_pwritev2, fd, pieces.data(), pieces.size(), offset, 0L, flags);
}
inline int ftruncate(int fd, off_t size) { return static_cast<int>(::syscall(SYS_ftruncate, fd, size)); }
inline int fallocate(int fd, int mode, off_t offset, off_t length) {
  return static_cast<int>(::syscall(SYS_fallocate, fd, mode, offset, length));
}
inline ssize_t copy_file_range(int from, off_t* from_offset, int to, off_t* to_offset, std::size_t length,
                               unsigned flags) {
  return ::syscall(SYS_copy_file_range, from, from_offset, to, to_offset, length, flags);
}
inline int ioctl(int fd, unsigned long request, void* argument) {
  return static_cast<int>(::syscall(SYS_ioctl, fd, request, argument));
}
inline int mkdirat(int folder, const char* path, mode_t mode) {
  return static_cast<int>(::syscall(SYS_mkdirat, folder, path, mode));
}
inline int unlinkat(int folder, const char* path, int flags) {
  return static_cast<int>(::syscall(SYS_unlinkat, folder, path, flags));
}
inline int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}
inline int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  return static_cast<int>(::syscall(SYS_linkat, from_folder, from, to_folder, to, flags));
}
inline int fsync(int fd) { return static_cast<int>(::syscall(SYS_fsync, fd)); }
inline int fdatasync(int fd) { return static_cast<int>(::syscall(SYS_fdatasync, fd)); }
inline int syncfs(int fd) { return static_cast<int>(::syscall(SYS_syncfs, fd)); }

}  // namespace ditto::test::raw
