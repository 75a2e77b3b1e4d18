// WRITE. Small files are rewritten in a transaction beside their attributes; contents of large ones go to their object,
// and a transaction records size and times. A stable write's contents travel with that transaction where they may; a
// larger one is an unstable write and a commit.
#include <algorithm>
#include <vector>

#include "vfs/ditto/checksum_records.hpp"
#include "vfs/ditto/write.hpp"

namespace ditto::vfs {
namespace {

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
  Announcement announcement = announce(context);
  const auto stamp = transact(
      context, announcement,
      [&](Step& step) -> Result<void> {
        if (auto loaded = step.load(inode, draft); !loaded) return loaded;
        Attributes& a = draft.record.attributes;
        if (auto allowed = check_io(context, draft.guarded(), writing); !allowed) return allowed;
        const auto value = step.kv().get(key::inline_data(inode.id()));
        if (!value) return fail(value.error());
        const Bytes old = value->value_or(Bytes{});
        if (old.size() != a.size) return fail(Error::Corrupt);
        const auto [size, mode] = std::pair(a.size, a.mode);
        a.size = a.space_used = std::max(a.size, write.end());
        const Buffer contents = spliced(old, a.size, write.offset, write.data);
        step.kv().put(key::inline_data(inode.id()), contents.bytes());
        a.mode = mode_after_write(a, context.who);
        step.modified(draft);
        step.store(draft);
        announcement.written(step, draft, size, mode);
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

// What was inline may be durable: so it is durable in the object, too, before or together with the record that says to
// look there.
Result<void> DittoFs::move_inline_out(Context& context, Inode& inode, ObjectId object) {
  InodeState state = inode.state();
  auto contents = read_inline(context, inode, state);
  if (!contents) return fail(contents.error());
  const BufferChain bytes(std::move(*contents));
  const bool travels = bytes.size() <= kv_.contents_limit();
  if (!travels && context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  if (auto put = data_.write(object, 0, bytes, context.blocking); !put) return put;
  if (!travels) {
    if (auto synced = data_.sync(object); !synced) return synced;
  }
  const auto space = data_.space_used(object);
  Draft draft;
  const auto stamp = transact(
      context,
      [&](Step& step) -> Result<void> {
        if (auto loaded = step.load(inode, draft); !loaded) return loaded;
        draft.record.object = object;
        draft.record.attributes.space_used = space.value_or(draft.record.attributes.size);
        step.kv().erase(key::inline_data(inode.id()));
        if (travels) step.kv().put_contents(object, 0, bytes);
        list_unverified(step.kv(), inode);
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
  inode.listed = true;
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
    if (auto settled = settle_contents(context, record.object); !settled) return settled;
    if (const auto space = data_.space_used(record.object)) inode.measured(record.space_with(*space));
  }
  inode.fence = false;
  inode.tail_clean = true;
  return {};
}

// What transactions carried of the object is durable there from here on: a crash must not write it once more, over
// something newer, or beyond an end that was cut since.
Result<void> DittoFs::settle_contents(Context& context, ObjectId object) {
  const Lsn carried = kv_.contents_pending(object);
  if (carried == 0) return {};
  if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  if (auto synced = data_.sync(object); !synced) return synced;
  const auto settled = kv_.transact(
      [&](store::KvTransaction& kv) -> Result<void> {
        kv.contents_synced(object, carried);
        return {};
      },
      context.blocking);
  if (!settled) return fail(settled.error());
  context.keep(*settled);
  return {};
}

Result<WriteResult> DittoFs::write_object(Context& context, Inode& inode, const Write& write) {
  const InodeView view = inode.view();
  const InodeRecord& record = view.record;
  if (auto allowed = check_io(context, view.guarded(), writing); !allowed) return fail(allowed.error());
  // What its transaction would refuse changes no byte.
  if (kv_.read_only()) return fail(Error::ReadOnly);
  if (auto ready = prepare_object(context, inode); !ready) return fail(ready.error());
  if (auto own = unshare(context, inode, write.offset, write.end()); !own) return fail(own.error());
  const ObjectId object = inode.state().record.object;
  // Contents that came with a transaction would be written again after a crash: so whatever lands on them comes with
  // one too, or behind a sync.
  const bool small = write.count() <= kv_.contents_limit();
  const bool travels = small && (write.stable() || kv_.contents_pending(object) != 0);
  if (!travels) {
    if (auto settled = settle_contents(context, object); !settled) return fail(settled.error());
    ++inode.writes;
  }
  ++inode.object_changes;
  if (auto put = data_.write(object, write.offset, write.data, context.blocking); !put) {
    // Part of it may be there, beyond the end of the file.
    if (put.error() != Error::WouldBlock) inode.tail_clean = false;
    return fail(put.error());
  }
  const auto space = data_.space_used(object);
  Draft draft;
  const bool sheds = mode_after_write(record.attributes, context.who) != record.attributes.mode;
  const Publish how = sheds || (travels && write.stable()) ? Publish::Stable : Publish::Unstable;
  Announcement announcement = announce(context);
  const auto stamp = transact(
      context, announcement,
      [&](Step& step) -> Result<void> {
        if (auto loaded = step.load(inode, draft); !loaded) return loaded;
        Attributes& a = draft.record.attributes;
        const auto [size, mode] = std::pair(a.size, a.mode);
        a.size = std::max(a.size, write.end());
        if (space) a.space_used = draft.record.space_with(*space);
        a.mode = mode_after_write(a, context.who);
        step.modified(draft);
        step.store(draft);
        list_unverified(step.kv(), inode);
        if (travels) step.kv().put_contents(object, write.offset, write.data);
        announcement.written(step, draft, size, mode);
        return {};
      },
      how);
  if (!stamp) {
    inode.tail_clean = false;
    return fail(stamp.error());
  }
  publish(draft, *stamp, how);
  inode.listed = true;
  return WriteResult{.count = write.count(),
                     .committed = travels && write.stable() ? Stability::FileSync : Stability::Unstable,
                     .change = draft.change()};
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
  // A sync of the object waits for the disk.
  const auto syncs = [&](const InodeRecord& record) {
    return write.stable() && !context.async && !fits_inline(record, write.end()) && data.size() > kv_.contents_limit();
  };
  if (syncs(state->record) && context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  if (too_many_dirty() && context.blocking == Blocking::Never) return fail(Error::WouldBlock);

  auto locks = lock_to_write(context, inode, write);
  if (!locks) return fail(locks.error());
  const InodeView view = inode.view();
  const InodeRecord& record = view.record;
  if (data.empty()) {
    if (auto allowed = check_io(context, view.guarded(), writing); !allowed) return fail(allowed.error());
    return WriteResult{
        .count = 0, .committed = Stability::FileSync, .change = {before_of(record.attributes), record.attributes}};
  }
  if (syncs(record) && context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  auto written =
      fits_inline(record, write.end()) ? write_inline(context, inode, write) : write_object(context, inode, write);
  locks->release();
  if (written && write.stable() && written->committed == Stability::Unstable) {
    const auto durable = make_durable(context, inode);
    if (!durable) return fail(durable.error());
    written->committed = Stability::FileSync;
  }
  if (too_many_dirty()) write_back();
  return written;
}

}  // namespace ditto::vfs
