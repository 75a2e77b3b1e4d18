#include "store/journal/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "store/journal/record.hpp"

namespace ditto::store::journal {
namespace {

/// One segment's bytes, while it is walked.
class Image {
 public:
  Result<void> load(const Segment& segment) {
    bytes_.resize(segment.size_bytes);
    return segment.read(0, bytes_);
  }

  std::optional<BatchHeader> batch_at(std::uint64_t offset) const noexcept {
    if (offset >= bytes_.size()) return std::nullopt;
    return BatchHeader::decode(Bytes(bytes_).subspan(offset));
  }
  Bytes payload(std::uint64_t offset, const BatchHeader& batch) const noexcept {
    return Bytes(bytes_).subspan(offset + BatchHeader::encoded_bytes, batch.payload_bytes);
  }

  struct Rest {
    Lsn greatest_durable = 0;  // that a whole batch knows of
    bool newer = false;        // the header of a batch, whole or not, that the log would go on with
  };
  /// What lies at or behind `offset`, where a log of `epoch` has ended with `last`.
  Rest rest(std::uint64_t offset, std::uint32_t epoch, Lsn last) const noexcept {
    Rest rest;
    offset = align_up(offset, batch_alignment);
    for (; offset + BatchHeader::encoded_bytes <= bytes_.size(); offset += batch_alignment) {
      if (load_be<std::uint32_t>(bytes_.data() + offset) != batch_magic) continue;
      const BatchHeader header = BatchHeader::claimed(Bytes(bytes_).subspan(offset));
      rest.newer = rest.newer || (header.epoch == epoch && header.first > last);
      if (const auto batch = batch_at(offset)) rest.greatest_durable = std::max(rest.greatest_durable, batch->durable);
    }
    return rest;
  }

 private:
  std::vector<std::byte> bytes_;
};

class Walk {
 public:
  Walk(Applied applied, FunctionRef<Result<void>(Lsn, Bytes)> record)
      : applied_(applied.last), record_(record), greatest_durable_(applied.begun) {}

  Result<Recovered> run(std::vector<SegmentPtr> segments) {
    std::erase_if(segments, [&](const SegmentPtr& segment) {
      if (segment->header.sequence == 0) found_.spare.push_back(segment);
      return segment->header.sequence == 0;
    });
    std::ranges::sort(segments, {}, [](const SegmentPtr& segment) { return segment->header.sequence; });
    const std::size_t begin = first_needed(segments);
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (auto walked = i < begin ? skip(segments[i]) : visit(segments[i]); !walked) return fail(walked.error());
    }
    found_.last = std::max(last_, applied_);
    // What was applied is not missed: a segment that was about to be used again may have lost it.
    if (greatest_durable_ > found_.last) {
      found_.damage = fmt::format(
          "the journal is damaged: changes {} to {} were durable and cannot be read from segment {:04} or behind it",
          found_.last + 1, greatest_durable_, end_slot_);
    }
    return std::move(found_);
  }

 private:
  /// What was applied ends in the last segment that begins at or before it.
  std::size_t first_needed(const std::vector<SegmentPtr>& segments) {
    std::size_t first = 0;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (segments[i]->header.previous <= applied_) first = i;
    }
    if (segments.empty()) return first;
    last_ = segments[first]->header.previous;
    end_slot_ = segments[first]->slot;
    // The log's start is gone: no segment continues what was applied.
    if (last_ > applied_) greatest_durable_ = std::max(greatest_durable_, std::exchange(last_, applied_));
    return first;
  }

  Result<void> skip(const SegmentPtr& segment) {
    note(segment->header.epoch, segment->header.sequence);
    found_.spare.push_back(segment);
    return {};
  }

  void note(std::uint32_t epoch, std::uint64_t sequence) {
    found_.epoch = std::max(found_.epoch, epoch);
    found_.sequence = std::max(found_.sequence, sequence);
  }

  Result<void> visit(const SegmentPtr& segment) {
    const SegmentHeader& header = segment->header;
    note(header.epoch, header.sequence);
    if (auto loaded = image_.load(*segment); !loaded) return loaded;
    // One that does not continue was cut off as part of a torn tail, now or by an earlier start: then a later one, of a
    // later epoch, continues where the log was cut.
    const bool continues = header.previous == last_ && header.epoch >= epoch_;
    std::uint64_t end = block_bytes;
    if (continues) {
      epoch_ = header.epoch;
      end_slot_ = segment->slot;
      if (auto walked = walk(end); !walked) return walked;
    }
    segment->last = last_;
    (continues && last_ > applied_ ? found_.used : found_.spare).push_back(segment);
    const Image::Rest rest = image_.rest(end, epoch_, last_);
    greatest_durable_ = std::max(greatest_durable_, rest.greatest_durable);
    found_.torn = found_.torn || rest.newer;
    return {};
  }

  /// Hands out the batches from `offset` on; leaves it where the first one was not found.
  Result<void> walk(std::uint64_t& offset) {
    for (;;) {
      auto batch = next_batch(offset);
      if (!batch) return {};
      RecordReader records(image_.payload(offset, *batch));
      Lsn lsn = batch->first;
      while (const auto entries = records.next()) {
        if (lsn > applied_) {
          if (auto done = record_(lsn, *entries); !done) return done;
        }
        ++lsn;
      }
      // A batch whose checksum holds is what was written.
      if (!records.ok() || lsn != batch->last() + 1) return fail(Error::Corrupt);
      last_ = batch->last();
      greatest_durable_ = std::max(greatest_durable_, batch->durable);
      offset += BatchHeader::encoded_bytes + batch->payload_bytes;
    }
  }

  /// Right behind the one before, or, where a sync came in between, at the next block.
  std::optional<BatchHeader> next_batch(std::uint64_t& offset) const noexcept {
    for (const std::uint64_t at : {align_up(offset, batch_alignment), align_up(offset, block_bytes)}) {
      const auto batch = image_.batch_at(at);
      if (!batch || batch->previous != last_ || batch->epoch != epoch_) continue;
      offset = at;
      return batch;
    }
    return std::nullopt;
  }

  const Lsn applied_;
  const FunctionRef<Result<void>(Lsn, Bytes)> record_;
  Recovered found_;
  Image image_;
  Lsn last_ = 0;                // of the last batch
  std::uint32_t epoch_ = 0;     // of the last segment that continued the log
  std::uint32_t end_slot_ = 0;  // where the log ended
  Lsn greatest_durable_;
};

}  // namespace

Result<Recovered> recover(std::vector<SegmentPtr> segments, Applied applied,
                          FunctionRef<Result<void>(Lsn lsn, Bytes entries)> record) {
  return Walk(applied, record).run(std::move(segments));
}

}  // namespace ditto::store::journal
