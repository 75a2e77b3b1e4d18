#include "support/power_cut/file_record.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace ditto::test {
namespace {

constexpr std::uint64_t sector_bytes = 512;

bool sets_size(const Change& change) { return change.kind != Change::Kind::Zero; }

void apply_size(const Change& change, Contents& contents) {
  switch (change.kind) {
    case Change::Kind::Write: return contents.grow(change.offset + change.length);
    case Change::Kind::Zero: return;
    case Change::Kind::Resize: return contents.resize(change.offset);
    case Change::Kind::Grow: return contents.grow(change.offset);
  }
}

void apply_bytes(const Change& change, Contents& contents) {
  if (change.kind == Change::Kind::Write) contents.put(change.offset, *change.data);
  if (change.kind == Change::Kind::Zero) contents.zero(change.offset, change.length);
}

/// Some of its sectors.
void apply_torn(const Change& change, Contents& contents, Survival& survival) {
  const std::uint64_t end = change.offset + change.length;
  for (std::uint64_t at = change.offset; at < end;) {
    const std::uint64_t next = std::min(end, (at / sector_bytes + 1) * sector_bytes);
    if (survival.coin()) contents.put(at, std::span(*change.data).subspan(at - change.offset, next - at));
    at = next;
  }
}

}  // namespace

void FileRecord::synced(Sequence last) {
  for (Change& change : changes_) {
    if (change.sequence <= last && change.fate == Change::Fate::Open) change.fate = Change::Fate::Certain;
  }
  fold();
}

void FileRecord::sync_failed(Sequence last) {
  for (Change& change : changes_) {
    if (change.sequence <= last && change.fate == Change::Fate::Open) change.fate = Change::Fate::Doubtful;
  }
}

void FileRecord::made_durable(Sequence one) {
  for (Change& change : changes_) {
    if (change.sequence == one) change.fate = Change::Fate::Certain;
  }
  fold();
}

void FileRecord::fold() {
  const auto open = std::ranges::find_if(changes_, [](const Change& c) { return c.fate != Change::Fate::Certain; });
  for (auto change = changes_.begin(); change != open; ++change) {
    apply_bytes(*change, durable_);
    apply_size(*change, durable_);
  }
  changes_.erase(changes_.begin(), open);
}

std::size_t FileRecord::unsynced() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(changes_, [](const Change& c) { return c.fate != Change::Fate::Certain; }));
}

Sequence FileRecord::first_unsynced() const { return changes_.empty() ? no_sequence : changes_.front().sequence; }

/// Sizes persist in order: those of the first so many changes. One that is certain brings all before it.
std::size_t FileRecord::kept_sizes(Survival::How how, Survival& survival) const {
  std::size_t certain = 0;
  std::size_t before = 0;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (changes_[i].fate == Change::Fate::Certain && sets_size(changes_[i])) certain = i + 1;
    if (survival.is_before_the_cut(changes_[i].sequence)) before = i + 1;
  }
  // A disk that keeps writes in order may still have sizes that are older or newer.
  if (how.unsynced == Unsynced::Prefix && survival.coin()) how.unsynced = Unsynced::Subset;
  return survival.kept_in_order(how, certain, before, changes_.size());
}

Contents FileRecord::survivors(Survival& survival) const {
  Contents contents = durable_;
  const Survival::How how = survival.next();
  const std::size_t sizes = kept_sizes(how, survival);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    if (change.fate == Change::Fate::Certain) {
      apply_bytes(change, contents);
    } else if (survival.keeps(how, change.sequence)) {
      if (change.kind == Change::Kind::Write && survival.tears(how, change.sequence)) {
        apply_torn(change, contents, survival);
      } else {
        apply_bytes(change, contents);
      }
    }
    if (i < sizes) apply_size(change, contents);
  }
  contents.resize(contents.size());
  return contents;
}

}  // namespace ditto::test
