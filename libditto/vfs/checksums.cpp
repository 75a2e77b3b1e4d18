#include "vfs/checksums.hpp"

#include "base/crc32c.hpp"

namespace ditto::vfs {

void GroupChecksums::cover(std::size_t chunk, Bytes bytes) noexcept {
  chunks[chunk] = crc32c(bytes);
  covered = static_cast<std::uint32_t>(chunk * chunk_bytes + bytes.size());
}

bool GroupChecksums::match(std::size_t chunk, Bytes bytes) const noexcept {
  const std::size_t size = covered_of(chunk);
  return size == 0 || bytes.size() < size || crc32c(bytes.first(size)) == chunks[chunk];
}

std::string damage_of(std::uint64_t inode, std::uint64_t from, std::uint64_t to) {
  return "inode " + std::to_string(inode) + ": bytes " + std::to_string(from) + " to " + std::to_string(to - 1) +
         " are not what was written";
}

}  // namespace ditto::vfs
