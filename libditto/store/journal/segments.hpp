// The files of a journal: segments of one size in a folder of their own, named by slot. What is in use, and for what,
// their headers say, so that a segment is used again without a change of the folder. Segments are made with their space
// already theirs, and filled with zeros while nobody waits: overwriting in place costs a sync half of what writing into
// merely allocated space does. It knows no batches. One thread at a time for each segment; the folder takes any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/durable.hpp"
#include "base/result.hpp"
#include "store/descriptor.hpp"
#include "store/journal/format.hpp"

namespace ditto::store::journal {

struct Segment {
  Descriptor file;
  std::uint32_t slot = 0;  // its name
  std::size_t size_bytes = 0;
  SegmentHeader header;  // of its last use; sequence 0: none
  Lsn last = 0;          // the last number in it, as far as is known
  bool filled = false;   // its blocks have been written

  /// Reads `into.size()` bytes; Io also where the file is shorter.
  Result<void> read(std::uint64_t offset, MutableBytes into) const;
  /// NoSpace: perhaps part of it was written.
  Result<void> write(std::uint64_t offset, Bytes bytes);
  Result<void> sync();
};

using SegmentPtr = std::shared_ptr<Segment>;

class SegmentFolder {
 public:
  /// Opens the folder and every segment in it, making the folder where there is none; its parent exists and is not
  /// synced. The error is a sentence for the user.
  static std::expected<SegmentFolder, std::string> open(const std::string& path);
  SegmentFolder(SegmentFolder&&) noexcept = default;

  /// What was there, in no order.
  std::vector<SegmentPtr> take_found() noexcept { return std::move(found_); }

  /// A new segment, durably in the folder, with all of its space. NoSpace; Io.
  Result<SegmentPtr> make(std::size_t size_bytes);
  /// Writes zeros over a segment that is not in use, and syncs them.
  static Result<void> fill(Segment& segment);
  /// Gives the space back; the segment is not used any more.
  void remove(Segment& segment) noexcept;

 private:
  SegmentFolder(std::string path, Descriptor folder) : path_(std::move(path)), folder_(std::move(folder)) {}
  std::expected<void, std::string> find();

  std::string path_;
  Descriptor folder_;
  std::uint32_t next_slot_ = 0;
  std::vector<SegmentPtr> found_;
};

}  // namespace ditto::store::journal
