// Where the bytes of a file are: in its own object, and in what it shares.
#include <algorithm>

#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {

// A clone and what follows it move bytes from one object to another: so the record is read once more, in one view with
// the extents.
Result<Extents> DittoFs::extents_of(Context& context, InodeState& state, std::uint64_t from, std::uint64_t to) {
  const InodeRecord shown = state.record;
  Extents extents;
  Lsn seen = 0;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto record = read_inode(reader, shown.id());
        if (!record) return fail(record.error());
        if (!*record) return fail(Error::Stale);
        auto found = read_extents(reader, shown.id(), from, to);
        if (!found) return fail(found.error());
        extents = std::move(*found);
        state.record = **record;
        counters_.raise(state.record);
        seen = reader.seen();
        return {};
      },
      context.blocking);
  context.depend(seen);
  if (!read) return fail(read.error());
  // What is pending is not in the store.
  Attributes& a = state.record.attributes;
  a.change = std::max(a.change, shown.attributes.change);
  a.access_time = std::max(a.access_time, shown.attributes.access_time);
  a.space_used = shown.attributes.space_used;
  return extents;
}

Result<Extents> DittoFs::extents_of(const InodeRecord& record, std::uint64_t from, std::uint64_t to) {
  if (!record.shared.any()) return Extents{};
  Result<Extents> extents;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        extents = read_extents(reader, record.id(), from, to);
        if (!extents) return fail(extents.error());
        return {};
      },
      Blocking::Allowed);
  if (!read) return fail(read.error());
  return extents;
}

Result<void> DittoFs::read_segments(Context& context, ObjectId own, std::span<const ExtentRecord> extents,
                                    std::uint64_t offset, MutableBytes into) {
  Result<void> done;
  for_each_segment(extents, own, offset, offset + into.size(), [&](const Segment& segment) {
    const MutableBytes part = into.subspan(segment.start - offset, segment.end - segment.start);
    done = read_object(context, segment.object, segment.offset, part);
    return done.has_value();
  });
  return done;
}

Result<void> DittoFs::read_contents(Context& context, const InodeRecord& record, std::uint64_t offset,
                                    MutableBytes into) {
  const auto extents = extents_of(record, offset, offset + into.size());
  if (!extents) return fail(extents.error());
  return read_segments(context, record.object, *extents, offset, into);
}

// An object may end before its file, in a hole, or behind it, in bytes that nobody sees.
Result<std::optional<std::uint64_t>> DittoFs::next_content(const InodeRecord& record, std::uint64_t offset,
                                                           Content what) {
  const std::uint64_t size = record.attributes.size;
  const auto extents = extents_of(record, offset, size);
  if (!extents) return fail(extents.error());
  Result<std::optional<std::uint64_t>> found;
  for_each_segment(*extents, record.object, offset, size, [&](const Segment& segment) {
    const auto at = what == Content::Data ? data_.next_data(segment.object, segment.offset)
                                          : data_.next_hole(segment.object, segment.offset);
    if (!at) {
      if (at.error() != Error::NotFound) found = fail(at.error());
      return at.error() == Error::NotFound;
    }
    const std::uint64_t in = std::max(*at, segment.offset) - segment.offset;
    if (in >= segment.end - segment.start) return true;
    found = segment.start + in;
    return false;
  });
  return found;
}

}  // namespace ditto::vfs
