// What the journal's files look like: the header of a segment, the header of a batch, and the bounds of both.
// docs/formats/journal.md says what the numbers mean. Plain values; nothing here touches a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/durable.hpp"

namespace ditto::store::journal {

/// What a sync starts behind is never written again: a batch that follows a sync begins with a block of its own, so
/// that a torn write cannot hurt what was durable.
inline constexpr std::size_t block_bytes = 4096;
/// Batches between two syncs follow each other at this alignment.
inline constexpr std::size_t batch_alignment = 8;

constexpr std::uint64_t align_up(std::uint64_t offset, std::uint64_t alignment) noexcept {
  return (offset + alignment - 1) / alignment * alignment;
}

struct SegmentHeader {
  static constexpr std::size_t encoded_bytes = 48;

  std::uint64_t sequence = 0;  // of segments in the order that they were written; from 1
  std::uint32_t epoch = 0;     // raised by every start that found the journal
  Lsn previous = 0;            // the last number before this segment's first
  std::uint64_t size_bytes = 0;

  void encode(MutableBytes into) const noexcept;
  /// Nothing: not a header, or a damaged one.
  static std::optional<SegmentHeader> decode(Bytes bytes) noexcept;
};

struct BatchHeader {
  static constexpr std::size_t encoded_bytes = 48;

  std::uint32_t payload_bytes = 0;
  std::uint32_t records = 0;  // numbered first, first + 1, …
  std::uint32_t epoch = 0;
  Lsn previous = 0;  // the last number before `first`; numbers that were taken back lie between
  Lsn first = 0;
  Lsn durable = 0;  // everything up to it was durable when this was written

  Lsn last() const noexcept { return first + records - 1; }
  /// Writes the header in front of its payload; the checksum covers both.
  void encode(MutableBytes batch) const noexcept;
  /// Reads header and payload from the start of `bytes`. Nothing: no batch, or not what was written.
  static std::optional<BatchHeader> decode(Bytes bytes) noexcept;
  /// What `bytes`, which are long enough, say if they are a header; nothing is checked.
  static BatchHeader claimed(Bytes bytes) noexcept;
};

/// The first bytes of every batch.
inline constexpr std::uint32_t batch_magic = 0x444a4231;  // "DJB1"

}  // namespace ditto::store::journal
