// Reads that believe the disk only where its checksums do. Writers are not locked out: one that changes bytes has taken
// the record away before, so a record that is the same before and after the bytes were read was true all the while.
#include <algorithm>
#include <vector>

#include "vfs/ditto/checksum_records.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {
namespace {

struct Group {
  std::uint64_t number = 0;
  std::optional<GroupChecksums> checksums;

  /// The first chunk that `bytes`, which lie at `offset` in the object and begin with a chunk, do not fit: where it
  /// starts.
  std::optional<std::uint64_t> damage(std::uint64_t offset, Bytes bytes) const noexcept {
    if (!checksums) return std::nullopt;
    for (std::size_t chunk = 0; chunk < checksums->count(); ++chunk) {
      const std::uint64_t start = number * group_bytes + chunk * chunk_bytes;
      if (start < offset || start >= offset + bytes.size()) continue;
      if (!checksums->match(chunk, bytes.subspan(start - offset))) return start;
    }
    return std::nullopt;
  }
};

}  // namespace

Result<Buffer> DittoFs::read_verified(Context& context, Inode& inode, const InodeState& state, const Range& range,
                                      std::span<const ExtentRecord> extents) {
  const auto [offset, length] = range;
  const InodeRecord& record = state.record;
  const std::uint64_t from = offset - offset % chunk_bytes;
  const std::uint64_t past = (offset + length + chunk_bytes - 1) / chunk_bytes * chunk_bytes;
  const std::uint64_t to = std::min(past, record.attributes.size);
  const auto look = [&](Group& group) {
    return kv_.view(
        [&](store::KvReader& reader) -> Result<void> {
          auto found = read_checksums(reader, record.object, group.number);
          if (!found) return fail(found.error());
          group.checksums = *found;
          return {};
        },
        context.blocking);
  };
  std::vector<Group> groups;
  for (std::uint64_t number = group_of(from); number < std::min(groups_in(to), record.checksum_groups); ++number) {
    if (auto looked = look(groups.emplace_back(Group{.number = number})); !looked) return fail(looked.error());
  }
  Buffer buffer = Buffer::allocate(to - from);
  if (auto read = read_segments(context, record.object, extents, from, buffer.writable()); !read) {
    return fail(read.error());
  }
  for (const Group& group : groups) {
    const auto damage = group.damage(from, buffer.bytes());
    if (!damage) continue;
    Group again{.number = group.number};
    if (auto looked = look(again); !looked) return fail(looked.error());
    // Bytes that leave a file are followed by a new generation; records of theirs may stay for a while.
    if (again.checksums != group.checksums || inode.state().generation != state.generation) continue;
    const std::uint64_t end = std::min(*damage + chunk_bytes, to);
    log_.error("A read was refused: " + damage_of(inode.id().inode, *damage, end) + ".");
    return fail(Error::Corrupt);
  }
  return buffer.slice(offset - from, length);
}

}  // namespace ditto::vfs
