// Admission: whether a transaction is taken while the disk is nearly full. With room beyond the reserve everything is;
// without it, what can be written into free pages of the LMDB file, and what does not grow the store: removals, and
// changes in place. It is an estimate to refuse early and cheaply; what does not fit nevertheless stays in the journal.
// Under the writer lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/disk_space.hpp"
#include "store/kv/lmdb/view.hpp"
#include "store/kv/overlay.hpp"
#include "store/kv/write_set.hpp"

namespace ditto::store {

/// Pages that one changed entry may make LMDB write: a leaf and its share of branches.
inline constexpr std::size_t pages_per_entry = 2;
inline constexpr std::size_t lmdb_page_bytes = 4096;

/// What a transaction that erases may add for each key it erases: a removed file that is still open leaves a short
/// record behind.
inline constexpr std::int64_t growth_per_erase_bytes = 64;

class Admission {
 public:
  enum class Verdict : std::uint8_t {
    Admitted,
    Refused,
    AskAgain,  // there is more that is not in the LMDB file yet: what it takes, and frees, is known once it is there
  };

  explicit Admission(DiskSpace& space) noexcept : space_(space) {}

  /// `view` is what the transaction was run over, without its writes.
  Verdict judge(const WriteSet& writes, LmdbView& view, Backlog backlog);

 private:
  bool fits(std::uint64_t size_bytes, const LmdbView& view);
  std::uint64_t free_bytes(const LmdbView& view);

  DiskSpace& space_;
  std::uint64_t free_bytes_ = 0;  // of the LMDB file in the state free_bytes_at_
  std::size_t free_bytes_at_ = 0;
  bool free_bytes_known_ = false;
};

}  // namespace ditto::store
