// GroupChecksums: what one record says of an object's bytes. An object is looked at as groups of 8 MiB, a group as
// chunks of 64 KiB; the record of a group has a checksum for each chunk, from the group's start to where it covered the
// file when it was made. A group without a record is unverified. It knows neither stores nor files, and nothing of when
// a record may be believed: that is said in vfs/ditto/verifier.hpp. Plain values, any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace ditto::vfs {

inline constexpr std::uint64_t chunk_bytes = std::uint64_t{64} << 10;
inline constexpr std::size_t chunks_in_group = 128;
inline constexpr std::uint64_t group_bytes = chunk_bytes * chunks_in_group;

constexpr std::uint64_t group_of(std::uint64_t offset) noexcept { return offset / group_bytes; }
/// Groups that `size` bytes lie in.
constexpr std::uint64_t groups_in(std::uint64_t size) noexcept { return (size + group_bytes - 1) / group_bytes; }

struct GroupChecksums {
  std::uint64_t change = 0;   // the file's change counter when they were made: later ones are never mistaken for them
  std::uint32_t covered = 0;  // bytes from the group's start
  std::array<std::uint32_t, chunks_in_group> chunks{};

  /// Chunks that are covered, the last perhaps in part.
  std::size_t count() const noexcept { return (covered + chunk_bytes - 1) / chunk_bytes; }
  /// Covered bytes of a chunk.
  std::size_t covered_of(std::size_t chunk) const noexcept {
    const std::uint64_t start = chunk * chunk_bytes;
    return start >= covered ? 0 : std::min(chunk_bytes, covered - start);
  }
  /// Covers `bytes`, which are all that there is of the chunk, and everything before it.
  void cover(std::size_t chunk, Bytes bytes) noexcept;
  /// Whether what is covered of the chunk is what `bytes`, from the chunk's start, begin with. What is too short to say
  /// passes.
  bool match(std::size_t chunk, Bytes bytes) const noexcept;

  friend bool operator==(const GroupChecksums&, const GroupChecksums&) = default;
};

/// "inode 7: bytes 0 to 65535 are not what was written".
std::string damage_of(std::uint64_t inode, std::uint64_t from, std::uint64_t to);

}  // namespace ditto::vfs
