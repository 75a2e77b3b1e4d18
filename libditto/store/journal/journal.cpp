#include "store/journal/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.hpp"

namespace ditto::store::journal {
namespace {

/// A record that was admitted may find that the batches before it fill the current segment and the next.
constexpr std::size_t needed_segments = 2;
/// One more, so that they are there before they are needed, and can be filled.
constexpr std::size_t prepared_segments = 3;
/// Segments that stay on the disk when nothing is in them; the work that needed them may come again.
constexpr std::size_t kept_segments = 8;
/// A buffer that grew beyond it in a burst is not kept.
constexpr std::size_t kept_buffer_bytes = std::size_t{1} << 20;

}  // namespace

std::expected<std::unique_ptr<Journal>, std::string> Journal::open(const std::string& folder, DiskSpace& space,
                                                                   const JournalOptions& options, Applied applied,
                                                                   Visit look, Visit redo) {
  auto opened = SegmentFolder::open(folder);
  if (!opened) return std::unexpected(std::move(opened.error()));
  const std::vector<SegmentPtr> segments = opened->take_found();
  auto found = recover(segments, applied, look);
  if (found) found = recover(segments, applied, redo);
  if (!found) return std::unexpected(fmt::format("{} cannot be replayed: {}", folder, to_string(found.error())));
  // What a killed process wrote may be in the system's memory alone, and counts as durable from here on.
  for (const SegmentPtr& used : found->used) {
    if (!used->sync()) return std::unexpected(fmt::format("{} cannot be synced", folder));
  }

  std::unique_ptr<Journal> journal(new Journal(std::move(*opened), space, options));
  journal->damage_ = std::move(found->damage);
  journal->recovered_ = journal->durable_ = found->last;
  journal->written_ = found->last;
  journal->sequence_ = found->sequence;
  journal->epoch_ = found->epoch + 1;
  journal->counts_.tail_was_torn = found->torn;
  journal->full_.assign(found->used.begin(), found->used.end());
  if (!journal->damage_.empty()) return journal;
  for (SegmentPtr& spare : found->spare) {
    if (spare->size_bytes == options.segment_bytes) {
      journal->free_.push_back(std::move(spare));
    } else {
      journal->folder_.remove(*spare);  // another size was configured, or a crash came while it was made
    }
  }
  // A full disk is told to whoever writes.
  if (auto prepared = journal->prepare(); !prepared && prepared.error() != Error::NoSpace) {
    return std::unexpected(fmt::format("{}: no segment can be made", folder));
  }
  journal->note_segments();
  return journal;
}

JournalCounts Journal::counts() const {
  const std::lock_guard lock(file_mutex_);
  return counts_;
}

void Journal::append(Lsn lsn, FunctionRef<void(RecordWriter&)> fill) {
  const std::lock_guard lock(pending_mutex_);
  if (pending_records_ == 0) {
    pending_.resize(BatchHeader::encoded_bytes);
    pending_first_ = lsn;
  }
  DITTO_ASSERT(lsn == pending_first_ + pending_records_);
  RecordWriter record(pending_);
  fill(record);
  record.finish();
  ++pending_records_;
  pending_bytes_.store(pending_.size());
}

Result<void> Journal::write_out() {
  const std::lock_guard lock(file_mutex_);
  return write_pending();
}

Result<void> Journal::write_pending() {
  if (!broken_) return broken_;
  BatchHeader header{.epoch = epoch_, .previous = written_.load(), .durable = durable_};
  {
    const std::lock_guard lock(pending_mutex_);
    if (pending_records_ == 0) return {};
    batch_.swap(pending_);
    pending_.clear();
    pending_bytes_.store(0);
    header.records = std::exchange(pending_records_, 0);
    header.first = pending_first_;
  }
  header.payload_bytes = static_cast<std::uint32_t>(batch_.size() - BatchHeader::encoded_bytes);
  header.encode(batch_);
  if (current_ == nullptr || tail_ + batch_.size() > current_->size_bytes) {
    if (auto begun = begin_segment(); !begun) return broken_ = begun;
  }
  if (auto put = current_->write(tail_, batch_); !put) return broken_ = put;
  if (unsynced_.empty() || unsynced_.back() != current_) unsynced_.push_back(current_);
  current_->last = header.last();
  tail_ = align_up(tail_ + batch_.size(), batch_alignment);
  written_.store(header.last(), std::memory_order_release);
  if (batch_.capacity() > kept_buffer_bytes) std::vector<std::byte>().swap(batch_);
  note_segments();
  return {};
}

Result<void> Journal::begin_segment() {
  if (free_.empty()) return fail(Error::NoSpace);
  const SegmentPtr next = free_.back();
  const bool reused = next->header.sequence != 0;
  next->header = {
      .sequence = sequence_ + 1, .epoch = epoch_, .previous = written_.load(), .size_bytes = next->size_bytes};
  std::array<std::byte, SegmentHeader::encoded_bytes> bytes;
  next->header.encode(bytes);
  if (auto put = next->write(0, bytes); !put) return put;
  free_.pop_back();
  if (current_ != nullptr) full_.push_back(std::move(current_));
  current_ = next;
  current_->filled = true;  // once it comes back
  ++sequence_;
  ++counts_.segments_begun;
  if (reused) ++counts_.segments_reused;
  tail_ = block_bytes;
  return {};
}

Result<Lsn> Journal::sync() {
  std::vector<SegmentPtr> unsynced;
  Lsn target = 0;
  {
    const std::lock_guard lock(file_mutex_);
    if (auto put = write_pending(); !put) return fail(put.error());
    target = written_.load();
    if (target == durable_) return target;
    unsynced.swap(unsynced_);
    tail_ = align_up(tail_, block_bytes);
  }
  for (const SegmentPtr& segment : unsynced) {
    if (auto synced = segment->sync(); !synced) {
      // What the disk holds now is unknown, and a second sync could succeed without having written it.
      const std::lock_guard lock(file_mutex_);
      broken_ = synced;
      return fail(synced.error());
    }
  }
  const std::lock_guard lock(file_mutex_);
  durable_ = target;
  ++counts_.syncs;
  return target;
}

void Journal::discard_unwritten() {
  const std::lock_guard lock(file_mutex_);
  {
    const std::lock_guard pending(pending_mutex_);
    pending_.clear();
    pending_records_ = 0;
    pending_bytes_.store(0);
  }
  if (!broken_ && broken_.error() == Error::NoSpace) broken_ = {};
}

Result<void> Journal::prepare() {
  auto made = make_segments();
  if (made) made = claim_epoch();
  out_of_space_.store(!made && made.error() == Error::NoSpace, std::memory_order_release);
  return made;
}

// The header that says so is durable before anything of this epoch is written. Or a power cut could keep batches and
// not their header, and the next start, which would take the same epoch, could leave them where its own log ends.
Result<void> Journal::claim_epoch() {
  SegmentPtr first;
  {
    const std::lock_guard lock(file_mutex_);
    if (epoch_claimed_ || free_.empty()) return {};
    if (current_ == nullptr) {
      if (auto begun = begin_segment(); !begun) return begun;
    }
    first = current_;
  }
  if (auto synced = first->sync(); !synced) return synced;
  const std::lock_guard lock(file_mutex_);
  epoch_claimed_ = true;
  note_segments();
  return {};
}

Result<void> Journal::make_segments() {
  for (;;) {
    {
      const std::lock_guard lock(file_mutex_);
      const std::size_t in_use = full_.size() + (current_ != nullptr ? 1 : 0);
      if (free_.size() >= prepared_segments || in_use + free_.size() >= options_.max_segments) return {};
    }
    if (!space_.has_room(options_.segment_bytes)) return fail(Error::NoSpace);
    auto made = folder_.make(options_.segment_bytes);
    if (!made) return fail(made.error());
    space_.taken(options_.segment_bytes);
    const std::lock_guard lock(file_mutex_);
    free_.insert(free_.begin(), std::move(*made));
    note_segments();
  }
}

Result<bool> Journal::fill_one() {
  SegmentPtr segment;
  {
    const std::lock_guard lock(file_mutex_);
    const auto merely_allocated = std::ranges::find(free_, false, [](const SegmentPtr& free) { return free->filled; });
    if (free_.size() < prepared_segments || merely_allocated == free_.end()) return false;
    segment = *merely_allocated;
    free_.erase(merely_allocated);
    note_segments();
  }
  const auto filled = SegmentFolder::fill(*segment);
  const std::lock_guard lock(file_mutex_);
  free_.push_back(std::move(segment));
  note_segments();
  if (!filled) return fail(filled.error());
  return true;
}

void Journal::release(Lsn up_to) {
  const std::lock_guard lock(file_mutex_);
  while (!full_.empty() && full_.front()->last <= up_to) {
    if (free_.size() < kept_segments) {
      free_.push_back(std::move(full_.front()));
    } else {
      folder_.remove(*full_.front());
      space_.freed();
    }
    full_.pop_front();
  }
  note_segments();
}

void Journal::note_segments() noexcept {
  has_segments_.store(epoch_claimed_ && free_.size() >= needed_segments);
  size_bytes_.store(full_.size() * options_.segment_bytes + (current_ != nullptr ? tail_ : 0));
}

}  // namespace ditto::store::journal
