// Copy on write: before bytes of a file change that it shares, they become its own. The copy goes to the file's own
// object and is durable there, or comes with the transaction, before or together with the record that it counts:
// whatever a crash leaves, the file reads as it did.
#include <algorithm>

#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {
namespace {

// As much as is copied for the least write: a checksum's chunk, which a transaction takes along.
constexpr std::uint64_t piece_bytes = chunk_bytes;
// One step of a longer copy.
constexpr std::uint64_t step_bytes = std::uint64_t{1} << 20;

/// What of an extent is copied for a write to [from, to). Where a file has as many extents as it may, no piece is cut
/// out of the middle of one: all to its nearer end goes.
ExtentRecord piece_of(const ExtentRecord& extent, std::uint64_t from, std::uint64_t to, bool full) noexcept {
  const std::uint64_t behind = (to + piece_bytes - 1) / piece_bytes * piece_bytes;
  ExtentRecord piece = part_of(extent, from - from % piece_bytes, behind);
  const std::uint64_t left = piece.start - extent.start, right = extent.end - piece.end;
  if (!full || left == 0 || right == 0) return piece;
  return left < right ? part_of(extent, extent.start, piece.end) : part_of(extent, piece.start, extent.end);
}

}  // namespace

/// The bytes of `piece` are in the file's own object from here on. The caller holds the inode's mutex.
Result<void> DittoFs::own_piece(Context& context, Inode& inode, const ExtentRecord& piece) {
  const ObjectId own = inode.state().record.object;
  Buffer copy = Buffer::allocate(piece.length());
  if (auto read = read_object(context, piece.object, piece.offset, copy.writable()); !read) return read;
  const BufferChain bytes(std::move(copy));
  const bool travels = bytes.size() <= kv_.contents_limit();
  if (!travels) {
    if (auto settled = settle_contents(context, own); !settled) return settled;
  }
  ++inode.object_changes;
  if (auto put = data_.write(own, piece.start, bytes, context.blocking); !put) return put;
  if (!travels) {
    if (auto synced = data_.sync(own); !synced) return synced;
  }
  const auto space = data_.space_used(own);
  Draft draft;
  const auto stamp = transact(
      context,
      [&](Step& step) -> Result<void> {
        if (auto loaded = step.load(inode, draft); !loaded) return loaded;
        if (auto dropped = drop_extents(step.kv(), draft.record, piece.start, piece.end); !dropped) return dropped;
        if (space) draft.record.attributes.space_used = draft.record.space_with(*space);
        if (travels) step.kv().put_contents(own, piece.start, bytes);
        step.store(draft);
        return {};
      },
      Publish::Unstable);
  if (!stamp) return fail(stamp.error());
  inode.moved_data();
  publish(draft, *stamp, Publish::Unstable);
  return {};
}

/// Nothing of [from, to) is shared from here on. The caller holds the inode's mutex.
Result<void> DittoFs::unshare(Context& context, Inode& inode, std::uint64_t from, std::uint64_t to) {
  const InodeRecord record = inode.state().record;
  if (!record.shared.any()) return {};
  if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  const auto extents = extents_of(record, from, to);
  if (!extents) return fail(extents.error());
  for (const ExtentRecord& extent : *extents) {
    const ExtentRecord piece = piece_of(extent, from, to, inode.state().record.shared.extents >= max_extents);
    for (std::uint64_t at = piece.start; at < piece.end;) {
      const std::uint64_t end = std::min(piece.end, at - at % step_bytes + step_bytes);
      if (auto owned = own_piece(context, inode, part_of(piece, at, end)); !owned) return owned;
      at = end;
    }
  }
  return {};
}

}  // namespace ditto::vfs
