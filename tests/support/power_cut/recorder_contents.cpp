#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "support/power_cut/raw_calls.hpp"
#include "support/power_cut/recorder.hpp"

namespace ditto::test {
namespace {

constexpr off_t block_bytes = 4096;

off_t size_of(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 ? status.st_size : 0;
}

std::size_t total(std::span<const iovec> pieces) {
  std::size_t sum = 0;
  for (const iovec& piece : pieces) sum += piece.iov_len;
  return sum;
}

/// The first `length` bytes of what `pieces` are.
std::vector<iovec> first(std::span<const iovec> pieces, std::size_t length) {
  std::vector<iovec> kept;
  for (const iovec& piece : pieces) {
    kept.push_back({piece.iov_base, std::min(piece.iov_len, length)});
    length -= kept.back().iov_len;
  }
  return kept;
}

std::vector<std::byte> bytes_of_pieces(std::span<const iovec> pieces, std::size_t length) {
  std::vector<std::byte> bytes;
  bytes.reserve(length);
  for (const iovec& piece : first(pieces, length)) {
    const auto* data = static_cast<const std::byte*>(piece.iov_base);
    bytes.insert(bytes.end(), data, data + piece.iov_len);
  }
  return bytes;
}

bool is_durable_at_once(int fd, int flags) {
  return (::fcntl(fd, F_GETFL) & O_DSYNC) != 0 || (flags & (RWF_DSYNC | RWF_SYNC)) != 0;
}

/// What fallocate does, but for the blocks: those of a disk in memory are slow to get, and lacks_room() knows what was
/// asked for.
int make_allocation(int fd, int mode, off_t offset, off_t length, off_t size) {
  if ((mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0 || offset < 0 || length <= 0) {
    return raw::fallocate(fd, mode, offset, length);
  }
  const bool grows = (mode & FALLOC_FL_KEEP_SIZE) == 0 && offset + length > size;
  return grows ? raw::ftruncate(fd, offset + length) : 0;
}

/// Where a write will go.
off_t position(int fd, off_t offset, int flags) {
  if ((::fcntl(fd, F_GETFL) & O_APPEND) != 0 || (flags & RWF_APPEND) != 0) return size_of(fd);
  return offset >= 0 ? offset : ::lseek(fd, 0, SEEK_CUR);
}

}  // namespace

/// By what the real file has, which has the same holes; and room that fallocate reserved counts from the file's start.
bool Recorder::lacks_room(const Node& node, int fd, off_t offset, std::size_t length) const {
  if (!full_) return false;
  const off_t end = offset + static_cast<off_t>(length);
  if (static_cast<std::uint64_t>(end) <= node.allocated_to) return false;
  const off_t before = ::lseek(fd, 0, SEEK_CUR);
  const off_t hole = ::lseek(fd, offset / block_bytes * block_bytes, SEEK_HOLE);
  ::lseek(fd, before, SEEK_SET);
  return hole < 0 || (hole + block_bytes - 1) / block_bytes * block_bytes < end;
}

ssize_t Recorder::write(int fd, std::span<const iovec> pieces, off_t offset, int flags) {
  Lock lock(mutex_);
  const Node* node = inventory_.find(fd);
  if (node == nullptr) {
    lock.unlock();
    return raw::write(fd, pieces, offset, flags);
  }
  const auto planned = obstacle(Call::Write, node->path);
  if (planned && planned->effect == Failure::Effect::None) return failed(planned->error);
  const std::size_t length = planned ? total(pieces) / 2 : total(pieces);
  const off_t at = position(fd, offset, flags);
  if (lacks_room(*node, fd, at, length)) return failed(ENOSPC);
  const ssize_t wrote = raw::write(fd, first(pieces, length), offset, flags);
  if (wrote <= 0) return wrote;
  const Sequence write = record_.written(node->id, static_cast<std::uint64_t>(at),
                                         bytes_of_pieces(pieces, static_cast<std::size_t>(wrote)));
  if (planned && planned->effect == Failure::Effect::HalfThenError) return failed(planned->error);
  if (is_durable_at_once(fd, flags) && write_synced(lock, *node, write) != 0) return -1;
  return wrote;
}

int Recorder::resize(int fd, off_t size) {
  Lock lock(mutex_);
  Node* node = inventory_.find(fd);
  if (node == nullptr) {
    lock.unlock();
    return raw::ftruncate(fd, size);
  }
  if (const auto planned = obstacle(Call::Resize, node->path)) return failed(planned->error);
  if (raw::ftruncate(fd, size) != 0) return -1;
  record_.resized(node->id, static_cast<std::uint64_t>(size));
  node->allocated_to = std::min(node->allocated_to, static_cast<std::uint64_t>(size));
  return 0;
}

int Recorder::allocate(int fd, int mode, off_t offset, off_t length) {
  Lock lock(mutex_);
  Node* node = inventory_.find(fd);
  if (node == nullptr) {
    lock.unlock();
    return raw::fallocate(fd, mode, offset, length);
  }
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0) {
    not_understood("fallocate with mode " + std::to_string(mode) + " of " + node->path);
  }
  if (const auto planned = obstacle(Call::Allocate, node->path)) return failed(planned->error);
  const bool punches = (mode & FALLOC_FL_PUNCH_HOLE) != 0;
  if (full_ && !punches) return failed(ENOSPC);
  const off_t size = size_of(fd);
  if (make_allocation(fd, mode, offset, length, size) != 0) return -1;
  const auto start = static_cast<std::uint64_t>(offset);
  const auto end = static_cast<std::uint64_t>(offset + length);
  if (punches || (mode & FALLOC_FL_ZERO_RANGE) != 0) record_.zeroed(node->id, start, end - start);
  if ((mode & FALLOC_FL_KEEP_SIZE) == 0 && offset + length > size) record_.grown(node->id, end);
  node->allocated_to = punches ? std::min(node->allocated_to, start) : std::max(node->allocated_to, end);
  return 0;
}

ssize_t Recorder::copy(int from, off_t* from_offset, int to, off_t* to_offset, std::size_t length, unsigned flags) {
  Lock lock(mutex_);
  const Node* node = inventory_.find(to);
  if (node == nullptr) {
    lock.unlock();
    return raw::copy_file_range(from, from_offset, to, to_offset, length, flags);
  }
  const auto planned = obstacle(Call::Write, node->path);
  if (planned && planned->effect == Failure::Effect::None) return failed(planned->error);
  if (planned) length /= 2;
  const off_t from_at = from_offset != nullptr ? *from_offset : ::lseek(from, 0, SEEK_CUR);
  const off_t to_at = to_offset != nullptr ? *to_offset : ::lseek(to, 0, SEEK_CUR);
  if (lacks_room(*node, to, to_at, length)) return failed(ENOSPC);
  const ssize_t copied = raw::copy_file_range(from, from_offset, to, to_offset, length, flags);
  if (copied > 0) record_copy(*node, from, from_at, to_at, static_cast<std::size_t>(copied));
  if (copied >= 0 && planned && planned->effect == Failure::Effect::HalfThenError) return failed(planned->error);
  return copied;
}

int Recorder::clone(int to, unsigned long request, void* argument, const file_clone_range& range) {
  Lock lock(mutex_);
  const Node* node = inventory_.find(to);
  if (node == nullptr) {
    lock.unlock();
    return raw::ioctl(to, request, argument);
  }
  if (const auto planned = obstacle(Call::Write, node->path)) return failed(planned->error);
  if (raw::ioctl(to, request, argument) != 0) return -1;
  const int from = static_cast<int>(range.src_fd);
  const auto from_at = static_cast<off_t>(range.src_offset);
  const std::size_t length =
      range.src_length != 0 ? range.src_length : static_cast<std::size_t>(size_of(from) - from_at);
  record_copy(*node, from, from_at, static_cast<off_t>(range.dest_offset), length);
  return 0;
}

/// What was copied is read where it came from: the descriptor it went to may not be readable.
void Recorder::record_copy(const Node& node, int from, off_t from_offset, off_t to_offset, std::size_t length) {
  std::vector<std::byte> data(length);
  if (::pread(from, data.data(), length, from_offset) != static_cast<ssize_t>(length)) {
    not_understood("a copy to " + node.path + " whose source changes");
  }
  record_.written(node.id, static_cast<std::uint64_t>(to_offset), std::move(data));
}

}  // namespace ditto::test
