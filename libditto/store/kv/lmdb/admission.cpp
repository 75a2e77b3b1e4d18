#include "store/kv/lmdb/admission.hpp"

namespace ditto::store {
namespace {

std::uint64_t cost_bytes(std::size_t size_bytes, std::size_t entries) {
  return size_bytes + entries * pages_per_entry * lmdb_page_bytes;
}

/// Whether the store holds no more after `writes` than before.
bool grows(const WriteSet& writes, LmdbView& view) {
  std::int64_t growth = 0;
  writes.for_each([&](const Version& write) {
    const auto before = view.value_bytes(write.key());
    if (before) growth -= static_cast<std::int64_t>(write.key().size() + *before);
    if (!write.erased()) {
      growth += static_cast<std::int64_t>(write.key().size() + write.value().size());
    } else if (before) {
      growth -= growth_per_erase_bytes;
    }
  });
  return growth > 0;
}

}  // namespace

Admission::Verdict Admission::judge(const WriteSet& writes, LmdbView& view, Backlog backlog) {
  const std::uint64_t own = cost_bytes(writes.size_bytes(), writes.writes());
  const std::uint64_t others = cost_bytes(backlog.size_bytes, backlog.entries);
  if (!fits(own + others, view) && grows(writes, view)) {
    return others != 0 ? Verdict::AskAgain : Verdict::Refused;
  }
  space_.taken(own);
  return Verdict::Admitted;
}

bool Admission::fits(std::uint64_t size_bytes, const LmdbView& view) {
  return space_.has_room(size_bytes) || free_bytes(view) >= space_.reserve_bytes() + size_bytes;
}

std::uint64_t Admission::free_bytes(const LmdbView& view) {
  if (!free_bytes_known_ || free_bytes_at_ != view.stored_state()) {
    free_bytes_ = view.free_bytes();
    free_bytes_at_ = view.stored_state();
    free_bytes_known_ = true;
  }
  return free_bytes_;
}

}  // namespace ditto::store
