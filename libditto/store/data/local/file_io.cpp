#include "store/data/local/file_io.hpp"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "store/data/local/system.hpp"
#include "store/system_error.hpp"

namespace ditto::store::local {
namespace {

/// Slices of a chain that one system call takes.
constexpr std::size_t max_pieces = 64;
/// What a copy through the process moves at a time.
constexpr std::size_t copy_bytes = std::size_t{1} << 20;

/// Fills `pieces` with what lies from `offset` of `data`.
std::size_t gather(const BufferChain& data, std::size_t offset, std::array<iovec, max_pieces>& pieces) {
  std::size_t count = 0;
  for (const Buffer& buffer : data.buffers()) {
    if (offset >= buffer.size()) {
      offset -= buffer.size();
      continue;
    }
    if (count == max_pieces) break;
    pieces[count++] = {const_cast<std::byte*>(buffer.data()) + offset, buffer.size() - offset};
    offset = 0;
  }
  return count;
}

Result<void> write_zeros(int fd, std::uint64_t offset, std::uint64_t length) {
  const auto zeros = std::make_unique<std::byte[]>(copy_bytes);
  for (std::uint64_t done = 0; done < length;) {
    const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(copy_bytes, length - done));
    const ssize_t wrote = ::pwrite(fd, zeros.get(), part, static_cast<off_t>(offset + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail(error_of(errno));
    done += static_cast<std::uint64_t>(wrote);
  }
  return {};
}

/// Copies a range of data through the process.
Result<void> copy_through(int from, std::uint64_t from_offset, int to, std::uint64_t to_offset, std::uint64_t length) {
  for (std::uint64_t done = 0; done < length;) {
    const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(copy_bytes, length - done));
    Buffer buffer = Buffer::allocate(part);
    const auto got = read_fully(from, from_offset + done, buffer.writable());
    if (!got) return fail(got.error());
    if (*got == 0) return {};
    buffer.resize(*got);
    if (auto written = write_fully(to, to_offset + done, BufferChain(std::move(buffer))); !written) return written;
    done += *got;
  }
  return {};
}

Result<void> copy_segment(int from, std::uint64_t from_offset, int to, std::uint64_t to_offset, std::uint64_t length) {
  for (std::uint64_t done = 0; done < length;) {
    const ssize_t copied =
        copy_range(from, static_cast<off_t>(from_offset + done), to, static_cast<off_t>(to_offset + done),
                   static_cast<std::size_t>(std::min<std::uint64_t>(length - done, std::uint64_t{1} << 30)));
    if (copied < 0 && errno == EINTR) continue;
    // Nothing copied, no error: some file systems say so instead of that they cannot.
    if (copied == 0 || (copied < 0 && errno == EOPNOTSUPP)) {
      return copy_through(from, from_offset + done, to, to_offset + done, length - done);
    }
    if (copied < 0) return fail(error_of(errno));
    done += static_cast<std::uint64_t>(copied);
  }
  return {};
}

}  // namespace

Result<std::size_t> read_fully(int fd, std::uint64_t offset, MutableBytes into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = ::pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_of(errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<std::size_t> read_in_memory(int fd, std::uint64_t offset, MutableBytes into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = read_nowait(fd, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(errno == EOPNOTSUPP ? Error::NotSupported : error_of(errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<void> write_fully(int fd, std::uint64_t offset, const BufferChain& data) {
  std::array<iovec, max_pieces> pieces;
  for (std::size_t done = 0; done < data.size();) {
    const std::size_t count = gather(data, done, pieces);
    const ssize_t wrote = ::pwritev(fd, pieces.data(), static_cast<int>(count), static_cast<off_t>(offset + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail(error_of(errno));
    done += static_cast<std::size_t>(wrote);
  }
  return {};
}

Result<std::uint64_t> file_size(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return fail(error_of(errno));
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> zero_range(int fd, std::uint64_t offset, std::uint64_t length) {
  while (punch_hole(fd, static_cast<off_t>(offset), static_cast<off_t>(length)) != 0) {
    if (errno == EINTR) continue;
    if (errno == EOPNOTSUPP || errno == ENOSYS) return write_zeros(fd, offset, length);
    return fail(error_of(errno));
  }
  return {};
}

Result<void> reserve(int fd, std::uint64_t offset, std::uint64_t length) {
  while (reserve_range(fd, static_cast<off_t>(offset), static_cast<off_t>(length)) != 0) {
    if (errno == EINTR) continue;
    return fail(errno == EOPNOTSUPP || errno == ENOSYS ? Error::NotSupported : error_of(errno));
  }
  return {};
}

Result<std::uint64_t> next_data(int fd, std::uint64_t offset) {
  const off_t found = seek_data(fd, static_cast<off_t>(offset));
  if (found >= 0) return static_cast<std::uint64_t>(found);
  return fail(errno == ENXIO ? Error::NotFound : error_of(errno));
}

Result<std::uint64_t> next_hole(int fd, std::uint64_t offset) {
  const off_t found = seek_hole(fd, static_cast<off_t>(offset));
  if (found >= 0) return static_cast<std::uint64_t>(found);
  if (errno != ENXIO) return fail(error_of(errno));
  return file_size(fd);
}

Result<void> copy_data(int from, std::uint64_t from_offset, int to, std::uint64_t to_offset, std::uint64_t length) {
  const std::uint64_t end = from_offset + length;
  for (std::uint64_t at = from_offset; at < end;) {
    const auto data = next_data(from, at);
    if (!data && data.error() == Error::NotFound) return {};
    if (!data) return fail(data.error());
    if (*data >= end) return {};
    const auto hole = next_hole(from, *data);
    if (!hole) return fail(hole.error());
    const std::uint64_t stop = std::min(end, *hole);
    if (stop <= *data) return {};  // the file was cut meanwhile
    if (auto done = copy_segment(from, *data, to, to_offset + (*data - from_offset), stop - *data); !done) return done;
    at = stop;
  }
  return {};
}

}  // namespace ditto::store::local
