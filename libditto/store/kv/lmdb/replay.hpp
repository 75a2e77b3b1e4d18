// What a start does with the journal: keys go to the overlay, contents to their objects, unless the object is known to
// hold later ones. Lives while the store is opened; one thread.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "store/data/data_store.hpp"
#include "store/kv/journaled_objects.hpp"
#include "store/kv/overlay.hpp"
#include "store/kv/write_set.hpp"

namespace ditto::store {

struct ReplayCounts {
  std::uint64_t records = 0;
  std::uint64_t contents = 0;  // written to their object again
  std::uint64_t skipped = 0;   // which the object is known to have
};

class Replay {
 public:
  Replay(Overlay& overlay, JournaledObjects& objects, DataStore& data) noexcept
      : overlay_(overlay), objects_(objects), data_(data) {}

  /// First for every record.
  Result<void> look(Lsn lsn, Bytes entries);
  /// Then, again, for every record. An error: contents could not be written to their object.
  Result<void> redo(Lsn lsn, Bytes entries);

  const ReplayCounts& counts() const noexcept { return counts_; }

 private:
  Overlay& overlay_;
  JournaledObjects& objects_;
  DataStore& data_;
  ReplayCounts counts_;
  WriteSet writes_;
  std::unordered_map<ObjectId, Lsn> synced_;  // by object: up to which record its contents need no redo
};

}  // namespace ditto::store
