// The extents of a file as the KvStore keeps them: which bytes of it are in objects that it may share with other files.
// All others are in the file's own object. A file that was never cloned has none, and its inode says so. Inside views
// and transactions of the caller, on its thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "store/kv/kv_store.hpp"
#include "vfs/keys.hpp"
#include "vfs/records.hpp"

namespace ditto::vfs {

using Extents = std::vector<ExtentRecord>;

/// What clones and writes to them are kept below: as many records a transaction changes when a file is cloned, cut or
/// removed.
inline constexpr std::uint32_t max_extents = 16384;
/// A file's end, as the end of a range.
inline constexpr std::uint64_t to_the_end = ~std::uint64_t{0};

/// Those that overlap [from, to), in order.
Result<Extents> read_extents(store::KvReader& reader, NodeId id, std::uint64_t from, std::uint64_t to);

/// Bytes [from, to) are the file's own from here on: what it shared of them loses a reference.
Result<void> drop_extents(store::KvTransaction& kv, InodeRecord& file, std::uint64_t from, std::uint64_t to);
/// Bytes that have been the file's own are these from here on; each gains a reference. They lie in order. NoSpace: the
/// file would have more than max_extents.
Result<void> add_extents(store::KvTransaction& kv, InodeRecord& file, std::span<const ExtentRecord> extents);

/// The part of `extent` that lies in [from, to), which it overlaps.
ExtentRecord part_of(const ExtentRecord& extent, std::uint64_t from, std::uint64_t to) noexcept;

/// A range of a file and where its bytes are.
struct Segment {
  std::uint64_t start = 0, end = 0;
  ObjectId object = 0;
  std::uint64_t offset = 0;
  bool shared = false;
};
/// Cuts [from, to) of a file along its extents; what lies between them is in `own`. Until `visit` returns false.
template <class Visit>
void for_each_segment(std::span<const ExtentRecord> extents, ObjectId own, std::uint64_t from, std::uint64_t to,
                      Visit visit) {
  for (const ExtentRecord& extent : extents) {
    if (extent.end <= from) continue;
    if (extent.start >= to) break;
    if (extent.start > from && !visit(Segment{from, extent.start, own, from, false})) return;
    const ExtentRecord part = part_of(extent, from, to);
    if (!visit(Segment{part.start, part.end, part.object, part.offset, true})) return;
    from = part.end;
  }
  if (from < to) visit(Segment{from, to, own, from, false});
}

}  // namespace ditto::vfs
