// Bounds that more than one room must agree on. A bound that only one room enforces lives in that room.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ditto::limits {

/// Longest name of a directory entry in bytes (Linux NAME_MAX, what every NFS and SMB client expects).
inline constexpr std::size_t name_bytes = 255;
/// Longest symbolic link target in bytes (Linux PATH_MAX without its NUL).
inline constexpr std::size_t symlink_bytes = 4095;
/// Largest file: offsets stay representable as a signed 64-bit number for every client.
inline constexpr std::uint64_t file_size = (std::uint64_t{1} << 63) - 1;
/// Largest READ or WRITE payload of one request.
inline constexpr std::size_t io_bytes = std::size_t{1} << 20;

}  // namespace ditto::limits
