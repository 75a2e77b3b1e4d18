// ALLOCATE: the disk keeps room for a range. What is kept inline has none, so that such a file gets its object here.
#include <algorithm>

#include "vfs/ditto/checksum_records.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {

// As a write: the object first, then the record of its size. Bytes stay what they are, and so do their checksums.
Result<Change> DittoFs::reserve(Context& context, Inode& inode, std::uint64_t offset, std::uint64_t length) {
  const auto locks = lock(context, {&inode});
  if (!locks) return fail(locks.error());
  if (auto allowed = check_io(context, inode.view().guarded(), writing); !allowed) {
    return fail(allowed.error());
  }
  if (kv_.read_only()) return fail(Error::ReadOnly);
  if (auto ready = prepare_object(context, inode); !ready) return fail(ready.error());
  // What is shared has no room that a write could use.
  if (auto own = unshare(context, inode, offset, offset + length); !own) return fail(own.error());
  const ObjectId object = inode.state().record.object;
  ++inode.writes;
  ++inode.object_changes;
  if (auto reserved = data_.allocate(object, offset, length); !reserved) {
    inode.tail_clean = false;
    return fail(reserved.error());
  }
  const auto space = data_.space_used(object);
  Draft draft;
  const auto stamp = transact(context, [&](Step& step) -> Result<void> {
    if (auto loaded = step.load(inode, draft); !loaded) return loaded;
    Attributes& a = draft.record.attributes;
    const bool grows = offset + length > a.size;
    a.size = std::max(a.size, offset + length);
    if (space) a.space_used = draft.record.space_with(*space);
    a.mode = mode_after_write(a, context.who);
    if (grows) {
      step.modified(draft);
    } else {
      step.changed(draft);
    }
    list_unverified(step.kv(), inode);
    step.store(draft);
    return {};
  });
  if (!stamp) {
    inode.tail_clean = false;
    return fail(stamp.error());
  }
  publish(draft, *stamp);
  inode.listed = true;
  return draft.change();
}

Result<Change> DittoFs::allocate(Context& context, Node& node, std::uint64_t offset, std::uint64_t length) {
  Inode& inode = inode_of(node);
  const auto state = usable(context, inode);
  if (!state) return fail(state.error());
  if (state->record.is_directory()) return fail(Error::IsDirectory);
  if (!state->record.is_regular() || length == 0) return fail(Error::InvalidArgument);
  if (offset > limits::file_size || length > limits::file_size - offset) return fail(Error::FileTooBig);
  if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  const auto reserved = reserve(context, inode, offset, length);
  if (!reserved) return fail(reserved.error());
  if (auto durable = make_durable(context, inode); !durable) return fail(durable.error());
  return *reserved;
}

}  // namespace ditto::vfs
