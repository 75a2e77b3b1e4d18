#include "vfs/ditto/extents.hpp"

#include <algorithm>

#include "vfs/ditto/references.hpp"

namespace ditto::vfs {
namespace {

void put(store::KvTransaction& kv, InodeRecord& file, const ExtentRecord& extent) {
  kv.put(key::extent(file.id(), extent.end), encode(extent));
  ++file.shared.extents;
  file.shared.space += extent.space;
}

void erase(store::KvTransaction& kv, InodeRecord& file, const ExtentRecord& extent) {
  kv.erase(key::extent(file.id(), extent.end));
  --file.shared.extents;
  file.shared.space -= extent.space;
}

bool continues(const ExtentRecord& first, const ExtentRecord& next) noexcept {
  return first.end == next.start && first.object == next.object && first.offset_of(first.end) == next.offset;
}

ExtentRecord joined(const ExtentRecord& first, const ExtentRecord& next) noexcept {
  ExtentRecord both = first;
  both.end = next.end;
  both.space += next.space;
  return both;
}

}  // namespace

ExtentRecord part_of(const ExtentRecord& extent, std::uint64_t from, std::uint64_t to) noexcept {
  ExtentRecord part = extent;
  part.start = std::max(extent.start, from);
  part.end = std::min(extent.end, to);
  part.offset = extent.offset_of(part.start);
  // Of what was counted for all of it.
  const double share = static_cast<double>(part.length()) / static_cast<double>(extent.length());
  if (part.length() != extent.length()) {
    part.space = std::min(extent.space, static_cast<std::uint64_t>(static_cast<double>(extent.space) * share));
  }
  return part;
}

Result<Extents> read_extents(store::KvReader& reader, NodeId id, std::uint64_t from, std::uint64_t to) {
  Extents extents;
  if (from >= to) return extents;
  bool corrupt = false;
  const auto visit = [&](Bytes bytes, Bytes value) {
    NodeId of;
    std::uint64_t end = 0;
    const bool parsed = key::parse_node_and(bytes, Tag::Extent, of, end);
    const auto extent = decode_extent(value, end);
    if (!parsed || !extent) return !(corrupt = true);
    if (extent->start >= to) return false;
    extents.push_back(*extent);
    return end < to;
  };
  const Key first = key::extent(id, from + 1), last = key::extent({id.subvolume, id.inode + 1}, 0);
  if (auto scanned = reader.scan(first, last, visit); !scanned) return fail(scanned.error());
  if (corrupt) return fail(Error::Corrupt);
  return extents;
}

Result<void> drop_extents(store::KvTransaction& kv, InodeRecord& file, std::uint64_t from, std::uint64_t to) {
  if (!file.shared.any()) return {};
  const auto extents = read_extents(kv, file.id(), from, to);
  if (!extents) return fail(extents.error());
  for (const ExtentRecord& extent : *extents) {
    erase(kv, file, extent);
    const ExtentRecord gone = part_of(extent, from, to);
    ExtentRecord before = extent, behind = extent;
    if (extent.start < gone.start) put(kv, file, before = part_of(extent, extent.start, gone.start));
    if (gone.end < extent.end) put(kv, file, behind = part_of(extent, gone.end, extent.end));
    if (auto dropped = drop_reference(kv, gone.object, gone.offset, gone.offset_of(gone.end)); !dropped) {
      return dropped;
    }
  }
  if (!file.shared.any()) file.shared.space = 0;
  return {};
}

Result<void> add_extents(store::KvTransaction& kv, InodeRecord& file, std::span<const ExtentRecord> extents) {
  if (extents.empty()) return {};
  // A neighbour that the first or the last one continues becomes one with it.
  const auto before =
      read_extents(kv, file.id(), extents.front().start - (extents.front().start != 0), extents.front().start);
  const auto behind = read_extents(kv, file.id(), extents.back().end, extents.back().end + 1);
  if (!before || !behind) return fail(before ? behind.error() : before.error());
  std::vector<ExtentRecord> all;
  const auto append = [&](const ExtentRecord& extent) {
    if (!all.empty() && continues(all.back(), extent)) {
      all.back() = joined(all.back(), extent);
    } else {
      all.push_back(extent);
    }
  };
  const bool joins_before = !before->empty() && continues(before->back(), extents.front());
  const bool joins_behind = !behind->empty() && continues(extents.back(), behind->front());
  if (joins_before) erase(kv, file, before->back()), append(before->back());
  for (const ExtentRecord& extent : extents) append(extent);
  if (joins_behind) erase(kv, file, behind->front()), append(behind->front());
  if (file.shared.extents + all.size() > max_extents) return fail(Error::NoSpace);
  for (const ExtentRecord& extent : all) put(kv, file, extent);
  for (const ExtentRecord& extent : extents) {
    if (auto added = add_reference(kv, extent.object, extent.offset, extent.offset_of(extent.end)); !added) {
      return added;
    }
  }
  return {};
}

}  // namespace ditto::vfs
