// WRITE. Small files are rewritten in a transaction beside their attributes; large ones go to their object, their new
// size and times stay pending until something records them. A stable write is an unstable one and a commit.
#include <algorithm>
#include <vector>

#include "vfs/ditto/write.hpp"

namespace ditto::vfs {
namespace {

bool has_set_id(std::uint32_t mode) noexcept { return without_set_id(mode) != mode; }

Buffer spliced(Bytes old, std::uint64_t size, std::uint64_t offset, const BufferChain& data) {
  Buffer contents = Buffer::allocate(size);
  const MutableBytes to = contents.writable();
  const std::size_t kept = std::min<std::size_t>(old.size(), size);
  std::copy_n(old.begin(), kept, to.begin());
  std::fill(to.begin() + static_cast<std::ptrdiff_t>(kept), to.end(), std::byte{0});
  data.copy_to(0, to.subspan(offset, data.size()));
  return contents;
}

}  // namespace

// Permission is checked on what the transaction reads, since a small write is one.
Result<WriteResult> DittoFs::write_inline(Context& context, Inode& inode, const Write& write) {
  Draft draft;
  const Publish how = write.stable() ? Publish::Stable : Publish::Unstable;
  const auto stamp = transact(
      context,
      [&](Step& step) -> Result<void> {
        if (auto loaded = step.load(inode, draft); !loaded) return loaded;
        Attributes& a = draft.record.attributes;
        if (auto allowed = check_io(context, a, Access::WriteData); !allowed) return allowed;
        const auto value = step.kv().get(key::inline_data(inode.id()));
        if (!value) return fail(value.error());
        const Bytes old = value->value_or(Bytes{});
        if (old.size() != a.size) return fail(Error::Corrupt);
        a.size = a.space_used = std::max(a.size, write.end());
        const Buffer contents = spliced(old, a.size, write.offset, write.data);
        step.kv().put(key::inline_data(inode.id()), contents.bytes());
        if (!context.who.is_root()) a.mode = without_set_id(a.mode);
        step.modified(draft);
        step.store(draft);
        return {};
      },
      how);
  if (!stamp) return fail(stamp.error());
  publish(draft, *stamp, how);
  return WriteResult{.count = write.count(),
                     .committed = write.stable() ? Stability::FileSync : Stability::Unstable,
                     .change = draft.change()};
}

Result<void> DittoFs::attach_object(Context& context, Inode& inode, ObjectId object) {
  Draft draft;
  const auto stamp = transact(
      context,
      [&](Step& step) -> Result<void> {
        if (auto loaded = step.load(inode, draft); !loaded) return loaded;
        draft.record.object = object;
        step.store(draft);
        return {};
      },
      Publish::Unstable);
  if (!stamp) return fail(stamp.error());
  publish(draft, *stamp, Publish::Unstable);
  inode.tail_clean = true;
  return {};
}

// What was inline may be durable: so it is durable in the object before the record says to look there.
Result<void> DittoFs::move_inline_out(Context& context, Inode& inode, ObjectId object) {
  if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  InodeState state = inode.state();
  auto contents = read_inline(context, inode, state);
  if (!contents) return fail(contents.error());
  if (auto put = data_.write(object, 0, BufferChain(std::move(*contents)), context.blocking); !put) return put;
  if (auto synced = data_.sync(object); !synced) return synced;
  const auto space = data_.space_used(object);
  Draft draft;
  const auto stamp = transact(
      context,
      [&](Step& step) -> Result<void> {
        if (auto loaded = step.load(inode, draft); !loaded) return loaded;
        draft.record.object = object;
        draft.record.attributes.space_used = space.value_or(draft.record.attributes.size);
        step.kv().erase(key::inline_data(inode.id()));
        step.store(draft);
        return {};
      },
      Publish::Unstable);
  if (!stamp) {
    // Nobody knows of it; if this fails too, a check finds it.
    (void)data_.remove(object);
    return fail(stamp.error());
  }
  inode.moved_data();
  publish(draft, *stamp, Publish::Unstable);
  inode.tail_clean = true;
  return {};
}

// Everything that must be so before bytes of the object may change.
Result<void> DittoFs::prepare_object(Context& context, Inode& inode) {
  const InodeState state = inode.state();
  if (state.record.object == 0) {
    const auto object = new_id(context, object_ids_);
    if (!object) return fail(object.error());
    return state.record.attributes.size == 0 ? attach_object(context, inode, *object)
                                             : move_inline_out(context, inode, *object);
  }
  return settle_tail(context, inode);
}

// Bytes beyond the recorded size are garbage: of a shrink that the object has yet to follow, or of writes that a crash
// or an error cut short. The object may lose them only once the size that excludes them is durable.
Result<void> DittoFs::settle_tail(Context& context, Inode& inode) {
  if (!inode.fence && inode.tail_clean) return {};
  if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  if (auto durable = kv_.wait_durable(inode.last().lsn); !durable) return durable;
  if (inode.state().epoch != rollbacks_.epoch()) {
    if (auto read = refresh(context, inode); !read) return read;
  }
  const InodeRecord record = inode.state().record;
  const bool shrank = std::exchange(inode.fence, false);
  if (record.object == 0 || record.attributes.link_count == 0) return {};
  inode.fence = shrank;
  const auto end = data_.size(record.object);
  if (!end) return fail(end.error());
  if (*end > record.attributes.size) {
    if (auto cut = data_.truncate(record.object, record.attributes.size); !cut) return cut;
    // Or a crash would bring the bytes back, below a size that was recorded since.
    if (auto synced = data_.sync(record.object); !synced) return synced;
    if (const auto space = data_.space_used(record.object)) inode.measured(*space);
  }
  inode.fence = false;
  inode.tail_clean = true;
  return {};
}

Result<void> DittoFs::clear_set_id(Context& context, Inode& inode) {
  if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  Draft draft;
  const auto stamp = transact(context, [&](Step& step) -> Result<void> {
    if (auto loaded = step.load(inode, draft); !loaded) return loaded;
    draft.record.attributes.mode = without_set_id(draft.record.attributes.mode);
    step.changed(draft);
    step.store(draft);
    return {};
  });
  if (!stamp) return fail(stamp.error());
  publish(draft, *stamp);
  return {};
}

Result<WriteResult> DittoFs::write_object(Context& context, Inode& inode, const Write& write) {
  InodeRecord record = inode.state().record;
  if (auto allowed = check_io(context, record.attributes, Access::WriteData); !allowed) return fail(allowed.error());
  if (auto ready = prepare_object(context, inode); !ready) return fail(ready.error());
  record = inode.state().record;
  const Before before = before_of(record.attributes);
  if (!context.who.is_root() && has_set_id(record.attributes.mode)) {
    if (auto cleared = clear_set_id(context, inode); !cleared) return fail(cleared.error());
    record = inode.state().record;
  }
  ++inode.writes;
  if (auto put = data_.write(record.object, write.offset, write.data, context.blocking); !put) {
    // Part of it may be there, beyond the end of the file.
    if (put.error() != Error::WouldBlock) inode.tail_clean = false;
    return fail(put.error());
  }
  Attributes& a = record.attributes;
  const bool grows = write.end() > a.size;
  a.size = std::max(a.size, write.end());
  a.space_used = data_.space_used(record.object).value_or(a.space_used);
  a.modify_time = a.change_time = context.now;
  a.change = counters_.next(a.change, inode.highest_change());
  inode.wrote(record, grows);
  enlist(inode);
  return WriteResult{.count = write.count(), .committed = Stability::Unstable, .change = {before, a}};
}

Result<WriteResult> DittoFs::write(Context& context, Node& node, std::uint64_t offset, const BufferChain& data,
                                   Stability stability) {
  Inode& inode = inode_of(node);
  const Write write{.offset = offset, .data = data, .stability = stability};
  const auto state = usable(context, inode);
  if (!state) return fail(state.error());
  if (state->record.is_directory()) return fail(Error::IsDirectory);
  if (!state->record.is_regular()) return fail(Error::InvalidArgument);
  if (offset > limits::file_size || data.size() > limits::file_size - offset) return fail(Error::FileTooBig);
  bool small = write.fits_inline(state->record);
  if (write.stable() && !small && context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  if (too_many_dirty() && context.blocking == Blocking::Never) return fail(Error::WouldBlock);

  auto locks = lock(context, {&inode});
  if (!locks) return fail(locks.error());
  const InodeRecord record = inode.state().record;
  if (data.empty()) {
    if (auto allowed = check_io(context, record.attributes, Access::WriteData); !allowed) return fail(allowed.error());
    return WriteResult{
        .count = 0, .committed = Stability::FileSync, .change = {before_of(record.attributes), record.attributes}};
  }
  small = write.fits_inline(record);
  if (write.stable() && !small && context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  auto written = small ? write_inline(context, inode, write) : write_object(context, inode, write);
  locks->release();
  if (!written || small) return written;
  if (write.stable()) {
    const auto durable = make_durable(context, inode);
    if (!durable) return fail(durable.error());
    written->committed = Stability::FileSync;
  }
  if (too_many_dirty()) write_back();
  return written;
}

}  // namespace ditto::vfs
