// A range of bytes as locks name it, the first and the last byte included, so that the last byte of a 64-bit file can
// be in it. SMB also knows ranges of no bytes: one conflicts with a range that it lies strictly inside of, and none
// does with the one at 0 (MS-FSA, 2.1.4.10). Plain value.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace ditto::state {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // first - 1 when empty
  bool empty = false;

  static constexpr std::uint64_t end_of_file = std::numeric_limits<std::uint64_t>::max();

  /// As NFS says it: a length of all ones reaches to the end of the file, whatever that is. None: no bytes, or offset
  /// and length add up to more than 64 bits hold (RFC 7530, 16.10.4; RFC 8881, 18.10.3).
  static constexpr std::optional<ByteRange> of_nfs(std::uint64_t offset, std::uint64_t length) noexcept {
    if (length == end_of_file) return ByteRange{offset, end_of_file};
    if (length == 0 || length > end_of_file - offset) return std::nullopt;
    return ByteRange{offset, offset + length - 1};
  }
  /// As NLM says it: 0, too, reaches to the end of the file.
  static constexpr std::optional<ByteRange> of_nlm(std::uint64_t offset, std::uint64_t length) noexcept {
    return of_nfs(offset, length == 0 ? end_of_file : length);
  }
  /// As SMB says it: a length of 0 is no bytes. None: beyond 64 bits (MS-FSA, 2.1.5.8).
  static constexpr std::optional<ByteRange> of_smb(std::uint64_t offset, std::uint64_t length) noexcept {
    const std::uint64_t last = offset + length - 1;
    if (length != 0 && last < offset) return std::nullopt;
    return ByteRange{offset, last, length == 0};
  }

  /// As NFS says it; SMB's whole range of 64 bits is the same.
  constexpr std::uint64_t length() const noexcept {
    if (empty) return 0;
    return last == end_of_file ? end_of_file : last - first + 1;
  }
  constexpr bool overlaps(const ByteRange& other) const noexcept {
    if (empty && other.empty) return false;
    if (empty) return first > other.first && first <= other.last;
    if (other.empty) return other.first > first && other.first <= last;
    return first <= other.last && other.first <= last;
  }
  /// Overlapping, or one begins where the other ends: POSIX locks of one owner and kind then become one.
  constexpr bool touches(const ByteRange& other) const noexcept {
    if (overlaps(other)) return true;
    return (last != end_of_file && last + 1 == other.first) || (other.last != end_of_file && other.last + 1 == first);
  }
  friend constexpr bool operator==(const ByteRange&, const ByteRange&) = default;
};

}  // namespace ditto::state
