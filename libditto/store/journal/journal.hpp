// The journal: an append-only log of what transactions did, in front of the file that holds the durable state. A
// record is appended in memory, written out to the system (from where only a power cut takes it), and synced (from
// where nothing does); one write carries all records that gathered, one sync everything that was written. When the
// durable state has what a segment holds, the segment is used again. It knows neither what keys mean nor where they go.
//
// append() and discard_unwritten() are called under the store's writer lock; sync(), prepare() and release() from one
// thread at a time each; everything else from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/durable.hpp"
#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "store/disk_space.hpp"
#include "store/journal/record.hpp"
#include "store/journal/recovery.hpp"
#include "store/journal/segments.hpp"

namespace ditto::store::journal {

/// What a journal has done since it was opened.
struct JournalCounts {
  std::uint64_t syncs = 0;
  std::uint64_t segments_begun = 0;   // each takes records until it is full
  std::uint64_t segments_reused = 0;  // of those, how many had been in use before
  bool tail_was_torn = false;         // when it was opened, it ended in a batch that was not written whole
};

struct JournalOptions {
  std::size_t segment_bytes = std::size_t{16} << 20;
  std::size_t max_segments = 32;  // at least 4
};

class Journal {
 public:
  using Visit = FunctionRef<Result<void>(Lsn lsn, Bytes entries)>;

  /// Opens the journal in `folder`, making it when there is none, and hands out every record above `applied.last`, in
  /// order, twice: what is to be done again may depend on what comes later. An error is a sentence for the user; damage
  /// is none: see damage().
  static std::expected<std::unique_ptr<Journal>, std::string> open(const std::string& folder, DiskSpace& space,
                                                                   const JournalOptions& options, Applied applied,
                                                                   Visit look, Visit redo);

  /// Not empty: durable records are missing, in words for the log. Nothing may be appended then.
  const std::string& damage() const noexcept { return damage_; }
  /// The last number that was found when it was opened.
  Lsn recovered() const noexcept { return recovered_; }
  JournalCounts counts() const;

  /// Whether a transaction of up to max_record_bytes() may be appended. Once it may, it will find its space on the
  /// disk.
  bool has_room() const noexcept { return pending_bytes_.load() < max_pending_bytes_.load() && has_segments_.load(); }
  /// What may wait in memory to be written out, beyond which there is no room; at most, and at first, a record's limit.
  void set_max_pending_bytes(std::size_t bytes) noexcept { max_pending_bytes_ = std::min(bytes, max_record_bytes()); }
  std::size_t max_record_bytes() const noexcept { return options_.segment_bytes / 4; }
  /// Bytes in segments that release() has not given back.
  std::size_t size_bytes() const noexcept { return size_bytes_.load(); }
  /// Beyond it whoever can should bring the durable state up to date.
  std::size_t max_size_bytes() const noexcept { return options_.segment_bytes * options_.max_segments; }

  /// Appends the record that `fill` makes, in memory. Numbers grow; those between are not in use.
  void append(Lsn lsn, FunctionRef<void(RecordWriter&)> fill);

  /// The last number that a killed process would leave behind.
  Lsn written() const noexcept { return written_.load(std::memory_order_acquire); }
  /// Gives everything that was appended to the system. NoSpace or Io: nothing is written any more, until
  /// discard_unwritten() or for good.
  Result<void> write_out();
  /// Writes out and syncs: what was appended before is durable when it returns the last number that is. NoSpace as for
  /// write_out(); after Io the journal takes nothing any more.
  Result<Lsn> sync();
  /// Forgets what could not be written for want of space, and goes on behind written().
  void discard_unwritten();

  /// Makes segments ahead of their use; the disk's reserve is not for them. NoSpace; Io.
  Result<void> prepare();
  /// The disk had no room for them the last time.
  bool out_of_space() const noexcept { return out_of_space_.load(std::memory_order_acquire); }
  /// Fills one prepared segment with zeros; false when there was none to fill.
  Result<bool> fill_one();
  /// The durable state holds everything up to `up_to`.
  void release(Lsn up_to);

 private:
  Journal(SegmentFolder folder, DiskSpace& space, const JournalOptions& options) noexcept
      : folder_(std::move(folder)), space_(space), options_(options), max_pending_bytes_(max_record_bytes()) {}

  Result<void> make_segments();
  Result<void> claim_epoch();
  Result<void> write_pending();
  Result<void> begin_segment();
  void note_segments() noexcept;

  SegmentFolder folder_;  // prepare() and release() under file_mutex_
  DiskSpace& space_;
  const JournalOptions options_;
  std::string damage_;
  Lsn recovered_ = 0;

  std::atomic<Lsn> written_ = 0;  // written under file_mutex_
  std::atomic<std::size_t> max_pending_bytes_;
  std::atomic<std::size_t> pending_bytes_ = 0, size_bytes_ = 0;
  std::atomic<bool> has_segments_ = false, out_of_space_ = false;

  std::mutex pending_mutex_;        // a leaf; guards the next three
  std::vector<std::byte> pending_;  // room for a batch's header, then records
  std::uint32_t pending_records_ = 0;
  Lsn pending_first_ = 0;

  mutable std::mutex file_mutex_;  // guards the rest; never held over a sync
  JournalCounts counts_;
  std::vector<std::byte> batch_;
  SegmentPtr current_;            // null while there is none to begin with
  std::uint64_t tail_ = 0;        // where the next batch goes
  std::deque<SegmentPtr> full_;   // hold records that the durable state may lack, oldest first
  std::vector<SegmentPtr> free_;  // the next one last
  std::vector<SegmentPtr> unsynced_;
  std::uint64_t sequence_ = 0;
  std::uint32_t epoch_ = 0;
  bool epoch_claimed_ = false;  // nothing is written before
  Lsn durable_ = 0;
  Result<void> broken_;  // why nothing is written
};

}  // namespace ditto::store::journal
