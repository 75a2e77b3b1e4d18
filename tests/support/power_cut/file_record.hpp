#pragma once

// What the disk surely has of one file, and, in order, the changes that it may have or not. A value; copies share the
// bytes. Not locked. What names the file has is in NameRecord.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "support/power_cut/contents.hpp"
#include "support/power_cut/survival.hpp"

namespace ditto::test {

/// One change of one file.
struct Change {
  enum class Kind {
    Write,   // bytes at `offset`; the file reaches at least to their end
    Zero,    // `length` zeros at `offset`, as far as the file reaches
    Resize,  // the size is `offset`
    Grow,    // the size is at least `offset`
  };
  enum class Fate {
    Open,     // the next sync makes it durable
    Certain,  // durable, but something before it is not
    Doubtful  // a sync of it failed; the system takes it for clean now, and no sync will write it again
  };
  Kind kind = Kind::Write;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::shared_ptr<const std::vector<std::byte>> data = nullptr;
  Sequence sequence = 0;
  Fate fate = Fate::Open;
};

class FileRecord {
 public:
  FileRecord() = default;
  explicit FileRecord(Contents durable) : durable_(std::move(durable)) {}

  void add(Change change) { changes_.push_back(std::move(change)); }
  /// A sync that began after `last` is done.
  void synced(Sequence last);
  /// Such a sync failed.
  void sync_failed(Sequence last);
  /// This one change is durable, with what the file needs to have it.
  void made_durable(Sequence one);

  /// Changes that may be missing.
  std::size_t unsynced() const;
  /// The earliest of them, or no_sequence.
  Sequence first_unsynced() const;
  Contents survivors(Survival& survival) const;

 private:
  void fold();
  std::size_t kept_sizes(Survival::How how, Survival& survival) const;

  Contents durable_;
  std::vector<Change> changes_;
};

}  // namespace ditto::test
