// libc's functions that change files, for the whole program: shared libraries find the program's symbols first. Outside
// of a watched folder each does what libc's does.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include "store/descriptor.hpp"
#include "support/power_cut/raw_calls.hpp"
#include "support/power_cut/recorder.hpp"
#include "support/power_cut/sync_gate.hpp"

// Names of our own in C++, since libc's headers declare and redirect theirs; the symbol is what counts.
#define REPLACES(symbol) __asm__(symbol) __attribute__((visibility("default"), used))
// On 64-bit systems the functions for large files are the same ones.
#define SAME_AS(symbol, other) __asm__(symbol) __attribute__((visibility("default"), alias(other)))

using ditto::test::Recorder;
namespace raw = ditto::test::raw;

namespace {

mode_t mode_of(int flags, va_list arguments) {
  const bool has_mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return has_mode ? va_arg(arguments, mode_t) : 0;
}

int open_at(int folder, const char* path, int flags, mode_t mode) {
  const bool changes = (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  if (const auto recorder = changes ? Recorder::current() : nullptr) return recorder->open(folder, path, flags, mode);
  return raw::openat(folder, path, flags, mode);
}

ssize_t write_pieces(int fd, const iovec* pieces, int count, off_t offset, int flags) {
  const std::span all(pieces, static_cast<std::size_t>(count));
  if (const auto recorder = Recorder::current()) return recorder->write(fd, all, offset, flags);
  return raw::write(fd, all, offset, flags);
}

ssize_t write_bytes(int fd, const void* data, std::size_t size, off_t offset) {
  const iovec piece{const_cast<void*>(data), size};
  return write_pieces(fd, &piece, 1, offset, 0);
}

int remove_at(int folder, const char* path, int flags) {
  if (const auto recorder = Recorder::current()) return recorder->remove(folder, path, flags);
  return raw::unlinkat(folder, path, flags);
}

int rename_at(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  if (const auto recorder = Recorder::current()) return recorder->rename(from_folder, from, to_folder, to, flags);
  return raw::renameat2(from_folder, from, to_folder, to, flags);
}

int link_at(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  if (const auto recorder = Recorder::current()) return recorder->link(from_folder, from, to_folder, to, flags);
  return raw::linkat(from_folder, from, to_folder, to, flags);
}

int make_folder_at(int folder, const char* path, mode_t mode) {
  if (const auto recorder = Recorder::current()) return recorder->make_folder(folder, path, mode);
  return raw::mkdirat(folder, path, mode);
}

int resize(int fd, off_t size) {
  if (const auto recorder = Recorder::current()) return recorder->resize(fd, size);
  return raw::ftruncate(fd, size);
}

int allocate(int fd, int mode, off_t offset, off_t length) {
  if (const auto recorder = Recorder::current()) return recorder->allocate(fd, mode, offset, length);
  return raw::fallocate(fd, mode, offset, length);
}

int sync(int fd, int error, int (*elsewhere)(int fd)) {
  if (const auto recorder = Recorder::current()) return recorder->sync(fd, error, elsewhere);
  return error != 0 ? ditto::test::failed(error) : elsewhere(fd);
}

/// A call that the layer does not follow.
void refuse(int fd, const char* call) {
  if (const auto recorder = Recorder::current()) recorder->refuse(fd, call);
}
void refuse(int folder, const char* path, const char* call) {
  if (const auto recorder = Recorder::current()) recorder->refuse(folder, path, call);
}

template <class Function>
Function libc(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

// ---- names ----

int power_open(const char* path, int flags, ...) REPLACES("open");
int power_open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(AT_FDCWD, path, flags, mode);
}
int power_open64(const char* path, int flags, ...) SAME_AS("open64", "open");

int power_openat(int folder, const char* path, int flags, ...) REPLACES("openat");
int power_openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(folder, path, flags, mode);
}
int power_openat64(int folder, const char* path, int flags, ...) SAME_AS("openat64", "openat");

int power_creat(const char* path, mode_t mode) REPLACES("creat");
int power_creat(const char* path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int power_creat64(const char* path, mode_t mode) SAME_AS("creat64", "creat");

int power_mkdir(const char* path, mode_t mode) REPLACES("mkdir");
int power_mkdir(const char* path, mode_t mode) { return make_folder_at(AT_FDCWD, path, mode); }
int power_mkdirat(int folder, const char* path, mode_t mode) REPLACES("mkdirat");
int power_mkdirat(int folder, const char* path, mode_t mode) { return make_folder_at(folder, path, mode); }

int power_unlink(const char* path) REPLACES("unlink");
int power_unlink(const char* path) { return remove_at(AT_FDCWD, path, 0); }
int power_unlinkat(int folder, const char* path, int flags) REPLACES("unlinkat");
int power_unlinkat(int folder, const char* path, int flags) { return remove_at(folder, path, flags); }
int power_rmdir(const char* path) REPLACES("rmdir");
int power_rmdir(const char* path) { return remove_at(AT_FDCWD, path, AT_REMOVEDIR); }
int power_remove(const char* path) REPLACES("remove");
int power_remove(const char* path) {
  const int removed = remove_at(AT_FDCWD, path, 0);
  return removed != 0 && errno == EISDIR ? remove_at(AT_FDCWD, path, AT_REMOVEDIR) : removed;
}

int power_rename(const char* from, const char* to) REPLACES("rename");
int power_rename(const char* from, const char* to) { return rename_at(AT_FDCWD, from, AT_FDCWD, to, 0); }
int power_renameat(int from_folder, const char* from, int to_folder, const char* to) REPLACES("renameat");
int power_renameat(int from_folder, const char* from, int to_folder, const char* to) {
  return rename_at(from_folder, from, to_folder, to, 0);
}
int power_renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags)
    REPLACES("renameat2");
int power_renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  return rename_at(from_folder, from, to_folder, to, flags);
}

int power_link(const char* from, const char* to) REPLACES("link");
int power_link(const char* from, const char* to) { return link_at(AT_FDCWD, from, AT_FDCWD, to, 0); }
int power_linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) REPLACES("linkat");
int power_linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  return link_at(from_folder, from, to_folder, to, flags);
}

// ---- contents ----

ssize_t power_write(int fd, const void* data, std::size_t size) REPLACES("write");
ssize_t power_write(int fd, const void* data, std::size_t size) { return write_bytes(fd, data, size, -1); }
ssize_t power_pwrite(int fd, const void* data, std::size_t size, off_t offset) REPLACES("pwrite");
ssize_t power_pwrite(int fd, const void* data, std::size_t size, off_t offset) {
  return offset < 0 ? ditto::test::failed(EINVAL) : write_bytes(fd, data, size, offset);
}
ssize_t power_pwrite64(int fd, const void* data, std::size_t size, off_t offset) SAME_AS("pwrite64", "pwrite");
ssize_t power_writev(int fd, const iovec* pieces, int count) REPLACES("writev");
ssize_t power_writev(int fd, const iovec* pieces, int count) { return write_pieces(fd, pieces, count, -1, 0); }
ssize_t power_pwritev(int fd, const iovec* pieces, int count, off_t offset) REPLACES("pwritev");
ssize_t power_pwritev(int fd, const iovec* pieces, int count, off_t offset) {
  return offset < 0 ? ditto::test::failed(EINVAL) : write_pieces(fd, pieces, count, offset, 0);
}
ssize_t power_pwritev64(int fd, const iovec* pieces, int count, off_t offset) SAME_AS("pwritev64", "pwritev");
ssize_t power_pwritev2(int fd, const iovec* pieces, int count, off_t offset, int flags) REPLACES("pwritev2");
ssize_t power_pwritev2(int fd, const iovec* pieces, int count, off_t offset, int flags) {
  return write_pieces(fd, pieces, count, offset, flags);
}
ssize_t power_pwritev64v2(int fd, const iovec* pieces, int count, off_t offset, int flags)
    SAME_AS("pwritev64v2", "pwritev2");

int power_ftruncate(int fd, off_t size) REPLACES("ftruncate");
int power_ftruncate(int fd, off_t size) { return resize(fd, size); }
int power_ftruncate64(int fd, off_t size) SAME_AS("ftruncate64", "ftruncate");
int power_truncate(const char* path, off_t size) REPLACES("truncate");
int power_truncate(const char* path, off_t size) {
  const ditto::store::Descriptor file(raw::openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC));
  return file ? resize(file.get(), size) : -1;
}
int power_truncate64(const char* path, off_t size) SAME_AS("truncate64", "truncate");

int power_fallocate(int fd, int mode, off_t offset, off_t length) REPLACES("fallocate");
int power_fallocate(int fd, int mode, off_t offset, off_t length) { return allocate(fd, mode, offset, length); }
int power_fallocate64(int fd, int mode, off_t offset, off_t length) SAME_AS("fallocate64", "fallocate");
int power_posix_fallocate(int fd, off_t offset, off_t length) REPLACES("posix_fallocate");
int power_posix_fallocate(int fd, off_t offset, off_t length) {
  const int before = errno;
  const int error = allocate(fd, 0, offset, length) == 0 ? 0 : errno;
  errno = before;
  return error;
}
int power_posix_fallocate64(int fd, off_t offset, off_t length) SAME_AS("posix_fallocate64", "posix_fallocate");

ssize_t power_copy_file_range(int from, off_t* from_offset, int to, off_t* to_offset, std::size_t length,
                              unsigned flags) REPLACES("copy_file_range");
ssize_t power_copy_file_range(int from, off_t* from_offset, int to, off_t* to_offset, std::size_t length,
                              unsigned flags) {
  const auto recorder = Recorder::current();
  return recorder ? recorder->copy(from, from_offset, to, to_offset, length, flags)
                  : raw::copy_file_range(from, from_offset, to, to_offset, length, flags);
}

int power_ioctl(int fd, unsigned long request, ...) REPLACES("ioctl");
int power_ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const auto recorder = request == FICLONE || request == FICLONERANGE ? Recorder::current() : nullptr;
  if (!recorder) return raw::ioctl(fd, request, argument);
  file_clone_range range{.src_fd = static_cast<int>(reinterpret_cast<std::intptr_t>(argument))};
  if (request == FICLONERANGE) std::memcpy(&range, argument, sizeof range);
  return recorder->clone(fd, request, argument, range);
}

// ---- syncs ----

int power_fsync(int fd) REPLACES("fsync");
int power_fsync(int fd) { return sync(fd, 0, raw::fsync); }
int power_fdatasync(int fd) REPLACES("fdatasync");
int power_fdatasync(int fd) { return sync(fd, ditto::test::pass_sync_gate(fd), raw::fdatasync); }
int power_syncfs(int fd) REPLACES("syncfs");
int power_syncfs(int fd) {
  const auto recorder = Recorder::current();
  return recorder ? recorder->sync_all() : raw::syncfs(fd);
}

// ---- what the layer does not follow ----

ssize_t power_sendfile(int to, int from, off_t* offset, std::size_t length) REPLACES("sendfile");
ssize_t power_sendfile(int to, int from, off_t* offset, std::size_t length) {
  refuse(to, "sendfile");
  return ::syscall(SYS_sendfile, to, from, offset, length);
}
ssize_t power_sendfile64(int to, int from, off_t* offset, std::size_t length) SAME_AS("sendfile64", "sendfile");

ssize_t power_splice(int from, off_t* from_offset, int to, off_t* to_offset, std::size_t length, unsigned flags)
    REPLACES("splice");
ssize_t power_splice(int from, off_t* from_offset, int to, off_t* to_offset, std::size_t length, unsigned flags) {
  refuse(to, "splice");
  return ::syscall(SYS_splice, from, from_offset, to, to_offset, length, flags);
}

int power_symlink(const char* target, const char* path) REPLACES("symlink");
int power_symlink(const char* target, const char* path) {
  refuse(AT_FDCWD, path, "symlink");
  return static_cast<int>(::syscall(SYS_symlinkat, target, AT_FDCWD, path));
}
int power_symlinkat(const char* target, int folder, const char* path) REPLACES("symlinkat");
int power_symlinkat(const char* target, int folder, const char* path) {
  refuse(folder, path, "symlinkat");
  return static_cast<int>(::syscall(SYS_symlinkat, target, folder, path));
}

void* power_mmap(void* address, std::size_t length, int protection, int flags, int fd, off_t offset) REPLACES("mmap");
void* power_mmap(void* address, std::size_t length, int protection, int flags, int fd, off_t offset) {
  if (fd >= 0 && (protection & PROT_WRITE) != 0 && (flags & MAP_PRIVATE) == 0) refuse(fd, "a writable mapping");
  return reinterpret_cast<void*>(::syscall(SYS_mmap, address, length, protection, flags, fd, offset));
}
void* power_mmap64(void* address, std::size_t length, int protection, int flags, int fd, off_t offset)
    SAME_AS("mmap64", "mmap");

std::FILE* power_fopen(const char* path, const char* mode) REPLACES("fopen");
std::FILE* power_fopen(const char* path, const char* mode) {
  if (std::strpbrk(mode, "wa+") != nullptr) refuse(AT_FDCWD, path, "fopen");
  static const auto real = libc<std::FILE* (*)(const char*, const char*)>("fopen");
  return real(path, mode);
}
std::FILE* power_fopen64(const char* path, const char* mode) SAME_AS("fopen64", "fopen");

}  // extern "C"
