// COMMIT: what unstable writes left behind becomes durable. The object is synced without the inode's mutex, so that
// writers go on meanwhile and syncs of one file can meet in the disk.
#include <algorithm>

#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {

Result<void> DittoFs::sync_object(Context& context, Inode& inode, SyncWhen when) {
  std::uint64_t covered = 0;
  ObjectId object = 0;
  Lsn carried = 0;
  {
    const auto locks = lock(context, {&inode});
    if (!locks) return fail(locks.error());
    covered = inode.writes;
    object = inode.state().record.object;
    if (object == 0) return {};
    if (when == SyncWhen::Written && inode.synced_writes >= covered) return {};
    carried = kv_.contents_pending(object);
  }
  const auto synced = data_.sync(object);
  const auto locks = lock(context, {&inode});
  if (!locks) return fail(locks.error());
  const bool replaced = inode.state().record.object != object;
  if (!synced) {
    // Truncated to nothing meanwhile: there is nothing left that had to be durable.
    if (replaced) return {};
    data_lost("an object could not be synced");
    return fail(synced.error());
  }
  if (replaced) return {};
  if (carried != 0) {
    const auto settled = kv_.transact(
        [&](store::KvTransaction& kv) -> Result<void> {
          kv.contents_synced(object, carried);
          return {};
        },
        context.blocking);
    if (!settled) return fail(settled.error());
    context.depend(*settled);
  }
  inode.synced_writes = std::max(inode.synced_writes, covered);
  if (const auto space = data_.space_used(object)) inode.measured(inode.state().record.space_with(*space));
  return {};
}

Result<Change> DittoFs::flush(Context& context, Inode& inode) {
  const auto locks = lock(context, {&inode});
  if (!locks) return fail(locks.error());
  const InodeState state = inode.state();
  if (!inode.pending().has_change) {
    context.depend(inode.last().lsn);
    return Change{before_of(state.record.attributes), state.record.attributes};
  }
  Draft draft;
  const auto stamp = transact(context, [&](Step& step) -> Result<void> {
    if (auto loaded = step.load(inode, draft); !loaded) return loaded;
    step.store(draft);
    return {};
  });
  if (!stamp) return fail(stamp.error());
  publish(draft, *stamp);
  return draft.change();
}

Result<Change> DittoFs::make_durable(Context& context, Inode& inode) {
  if (context.async) {
    owe_sync(inode);
    return flush(context, inode);
  }
  if (auto synced = sync_object(context, inode); !synced) return fail(synced.error());
  return flush(context, inode);
}

// The range is not looked at: RFC 1813, 3.3.21 lets a server commit more.
Result<Change> DittoFs::commit(Context& context, Node& node, std::uint64_t, std::uint64_t) {
  Inode& inode = inode_of(node);
  const auto state = usable(context, inode);
  if (!state) return fail(state.error());
  if (state->record.is_directory()) return fail(Error::IsDirectory);
  if (!state->record.is_regular()) return fail(Error::InvalidArgument);
  if (auto allowed = check_io(context, state->guarded(), writing); !allowed) {
    return fail(allowed.error());
  }
  if (context.blocking == Blocking::Never && !context.async) {
    const auto locks = lock(context, {&inode});
    if (!locks) return fail(locks.error());
    if (inode.state().record.object != 0 && inode.synced_writes < inode.writes) return fail(Error::WouldBlock);
  }
  return make_durable(context, inode);
}

}  // namespace ditto::vfs
