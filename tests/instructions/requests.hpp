// What the client of a workload sends: all its requests, encoded before the first is answered, and what must exist for
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "instructions/stack.hpp"

namespace ditto::test {

/// Of files and transfers, whatever the version.
inline constexpr std::size_t workload_files = 16;
inline constexpr std::uint32_t block_bytes = 4096;
inline constexpr std::uint64_t large_file_bytes = std::uint64_t{16} << 20;

/// Encodes one request after the other: the record of its call, or the records of its calls.
struct Workload {
  std::function<Buffer(std::size_t index)> make;
  std::size_t calls = 1;  // of a request
};

struct Requests {
  std::vector<Buffer> records;
  std::size_t calls = 1;
};

/// `count` requests of a workload, after what they need was made. Exits when there is no such workload.
Requests requests(Stack& stack, std::string_view workload, std::size_t count);

/// Those over NFSv4.1, by their names. The stack outlives them.
Workload v41_getattr(Stack& stack);
Workload v41_read(Stack& stack);
Workload v41_write(Stack& stack);
Workload v41_open_read_close(Stack& stack);

// What several workloads are about.
std::string name_of(std::size_t index);
std::vector<vfs::NodeId> make_files(Stack& stack, vfs::NodeId directory, std::size_t count);
vfs::NodeId make_large_file(Stack& stack);
/// Of a block, in some order without a pattern that a cache could like.
std::uint64_t scattered_offset(std::size_t index, std::uint32_t size);

}  // namespace ditto::test
