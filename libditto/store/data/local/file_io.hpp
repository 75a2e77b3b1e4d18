// Whole reads, writes and copies on a descriptor: they go on after interruptions and partial results until all is done
// or an error comes. They know nothing of objects or caches. Offsets and lengths lie within off_t. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace ditto::store::local {

/// As many bytes as there are from `offset`: fewer than asked only at the end.
Result<std::size_t> read_fully(int fd, std::uint64_t offset, MutableBytes into);
/// The same, but WouldBlock when not all of it is in memory, and NotSupported when the file system cannot tell.
Result<std::size_t> read_in_memory(int fd, std::uint64_t offset, MutableBytes into);
Result<void> write_fully(int fd, std::uint64_t offset, const BufferChain& data);

Result<std::uint64_t> file_size(int fd);
/// Sets the range, which lies before the file's end, to zeros, without its blocks where that is possible.
Result<void> zero_range(int fd, std::uint64_t offset, std::uint64_t length);
/// As DataStore::allocate().
Result<void> reserve(int fd, std::uint64_t offset, std::uint64_t length);
/// As DataStore::next_data() and next_hole().
Result<std::uint64_t> next_data(int fd, std::uint64_t offset);
Result<std::uint64_t> next_hole(int fd, std::uint64_t offset);

/// Copies data of `from`, which lies before its end, to `to`; holes are skipped, not written.
Result<void> copy_data(int from, std::uint64_t from_offset, int to, std::uint64_t to_offset, std::uint64_t length);

}  // namespace ditto::store::local
