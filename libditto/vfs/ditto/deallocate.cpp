// DEALLOCATE: a range becomes a hole. An inline file's bytes are zeroed in a transaction. An object is punched only
// once it is durable that the file is another one: a crash or a full disk in between leaves it as it was, or with a
// part of the hole, and never with other bytes under a change counter that somebody has seen.
#include <algorithm>

#include "vfs/ditto/checksum_records.hpp"
#include "vfs/ditto/write.hpp"

namespace ditto::vfs {
namespace {

Change unchanged(const Attributes& attributes) noexcept { return {before_of(attributes), attributes}; }

Buffer zeros(std::size_t size) {
  Buffer made = Buffer::allocate(size);
  std::ranges::fill(made.writable(), std::byte{0});
  return made;
}

}  // namespace

// Not published: readers who still get the old bytes must not get them as the new file's. The checksums of the range
// go first, as many at a time as a transaction may erase.
Result<Stamp> DittoFs::announce_punch(Context& context, Inode& inode, std::uint64_t from, std::uint64_t to,
                                      Draft& draft) {
  for (;;) {
    bool all = true;
    const auto stamp = transact(
        context,
        [&](Step& step) -> Result<void> {
          if (auto loaded = step.load(inode, draft); !loaded) return loaded;
          const std::uint64_t end = std::min(group_of(to - 1) + 1, draft.record.checksum_groups);
          const std::uint64_t first = std::min(group_of(from), end);
          const auto erased = erase_checksums(step.kv(), draft.record.object, first, end);
          if (!erased) return fail(erased.error());
          all = *erased;
          list_unverified(step.kv(), inode);
          draft.record.attributes.mode = mode_after_write(draft.record.attributes, context.who);
          step.modified(draft);
          step.store(draft);
          return {};
        },
        Publish::Unstable);
    if (!stamp || all) return stamp;
  }
}

// The caller holds the inode's mutex, over the disk too: nothing else may write between the record and the hole.
Result<Change> DittoFs::punch(Context& context, Inode& inode, std::uint64_t from, std::uint64_t to) {
  if (kv_.read_only()) return fail(Error::ReadOnly);
  if (auto ready = prepare_object(context, inode); !ready) return fail(ready.error());
  if (inode.state().record.shared.extents >= max_extents) {
    // A hole would make one more of them.
    if (auto own = unshare(context, inode, from, to); !own) return fail(own.error());
  }
  const ObjectId object = inode.state().record.object;
  const Before before = before_of(inode.state().record.attributes);
  // What transactions carried of it must not be written again over the hole.
  if (auto settled = settle_contents(context, object); !settled) return fail(settled.error());
  Draft announced;
  const auto first = announce_punch(context, inode, from, to, announced);
  if (!first) return fail(first.error());
  inode.listed = true;
  if (auto durable = kv_.wait_durable(first->lsn); !durable) return fail(durable.error());
  ++inode.writes;
  ++inode.object_changes;
  auto punched = data_.punch(object, from, to - from);
  // What lies under shared bytes is nobody's: they must not give way to it.
  const bool shared = announced.record.shared.any();
  if (punched && shared) punched = data_.sync(object);
  const auto space = data_.space_used(object);
  Draft draft;
  const auto stamp = transact(context, [&](Step& step) -> Result<void> {
    if (auto loaded = step.load(inode, draft); !loaded) return loaded;
    if (punched) {
      if (auto dropped = drop_extents(step.kv(), draft.record, from, to); !dropped) return dropped;
    }
    if (space) draft.record.attributes.space_used = draft.record.space_with(*space);
    step.modified(draft);
    step.store(draft);
    return {};
  });
  if (stamp) {
    if (shared) inode.moved_data();
    publish(draft, *stamp);
  } else {
    publish(announced, *first);
  }
  if (!punched) return fail(punched.error());
  if (!stamp) return fail(stamp.error());
  return Change{before, draft.record.attributes};
}

Result<Change> DittoFs::deallocate(Context& context, Node& node, std::uint64_t offset, std::uint64_t length) {
  Inode& inode = inode_of(node);
  const auto state = usable(context, inode);
  if (!state) return fail(state.error());
  if (state->record.is_directory()) return fail(Error::IsDirectory);
  if (!state->record.is_regular() || length == 0) return fail(Error::InvalidArgument);
  if (state->record.object != 0 && context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  auto locks = lock(context, {&inode});
  if (!locks) return fail(locks.error());
  const InodeView view = inode.view();
  const InodeRecord& record = view.record;
  if (auto allowed = check_io(context, view.guarded(), writing); !allowed) return fail(allowed.error());
  const std::uint64_t size = record.attributes.size;
  if (offset >= size) return unchanged(record.attributes);
  const std::uint64_t end = offset + std::min(length, size - offset);
  if (fits_inline(record, size)) {
    const BufferChain nothing(zeros(end - offset));
    const auto written =
        write_inline(context, inode, {.offset = offset, .data = nothing, .stability = Stability::FileSync});
    if (!written) return fail(written.error());
    return written->change;
  }
  if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  const auto punched = punch(context, inode, offset, end);
  locks->release();
  if (!punched) return fail(punched.error());
  if (auto durable = make_durable(context, inode); !durable) return fail(durable.error());
  return *punched;
}

}  // namespace ditto::vfs
