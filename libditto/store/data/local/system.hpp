// What LocalData asks of the operating system beyond POSIX. system_linux.cpp has Linux's calls, system_portable.cpp
// does without them; the build takes one. Functions return -1 (or false) and set errno like the calls that they stand
// for. Any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace ditto::store::local {

/// Like pread, but fails with EAGAIN, or reads less, where the bytes are not in memory, and with EOPNOTSUPP where the
/// file system cannot tell.
ssize_t read_nowait(int fd, void* into, std::size_t size_bytes, off_t offset) noexcept;

/// Takes the blocks of a range away, so that it reads as zeros; the end of the file stays. EOPNOTSUPP where that is not
/// possible.
int punch_hole(int fd, off_t offset, off_t length) noexcept;

/// Gives a range its blocks, which read as before; the end of the file moves to the range's where it lies before that.
/// EOPNOTSUPP where that is not possible.
int reserve_range(int fd, off_t offset, off_t length) noexcept;
/// Whether every byte of a range has a block, written or not. False where nobody can tell.
bool has_blocks(int fd, off_t offset, off_t length) noexcept;

/// The first data (or hole) at or behind `offset`; ENXIO when there is none. Where holes are not reported all is data
/// up to the end, which is a hole.
off_t seek_data(int fd, off_t offset) noexcept;
off_t seek_hole(int fd, off_t offset) noexcept;

/// Makes the range of `to` share the blocks of the range of `from`; false where that is not possible.
bool share_range(int from, off_t from_offset, int to, off_t to_offset, off_t length) noexcept;

/// Copies up to `length` bytes without passing them through the process; EOPNOTSUPP where that is not possible.
ssize_t copy_range(int from, off_t from_offset, int to, off_t to_offset, std::size_t length) noexcept;

/// Lets the disk begin to write what the file has in memory, and does not wait for it. A hint.
void start_writeback(int fd) noexcept;

}  // namespace ditto::store::local
