// Nodes in memory, the transaction that every change is, and the questions that need no change.
#include "vfs/ditto/ditto_fs.hpp"

#include "vfs/names.hpp"

namespace ditto::vfs {
namespace {

constexpr std::uint64_t losses_per_incarnation = std::uint64_t{1} << 20;

}  // namespace

void DittoFs::rolled_back(Lsn durable) {
  rollbacks_.note(durable);
  // What had been counted into the changes that are gone was perhaps unstable data.
  data_losses_.fetch_add(1, std::memory_order_relaxed);
  if (ChangeObserver* observer = observer_.load()) observer->taken_back(durable);
}

void DittoFs::made_durable(Lsn lsn) {
  ChangeObserver* observer = observer_.load();
  if (observer && observer->wants() != ChangeObserver::Wants::Nothing) observer->durable(lsn);
}

ChangeObserver* DittoFs::observer(FunctionRef<std::unique_ptr<ChangeObserver>()> make) {
  const std::lock_guard lock(observer_mutex_);
  if (!own_observer_) own_observer_ = make();
  observer_.store(own_observer_.get());
  return own_observer_.get();
}

std::uint64_t DittoFs::write_verifier() const noexcept {
  return incarnation_.number * losses_per_incarnation + data_losses_.load(std::memory_order_relaxed);
}

void DittoFs::data_lost(std::string_view why) {
  data_losses_.fetch_add(1, std::memory_order_relaxed);
  log_.error(std::string("Unstable data may be lost: ") + std::string(why) + ".");
}

Result<void> DittoFs::refresh(Context& context, Inode& inode) {
  const std::uint64_t epoch = rollbacks_.epoch();
  std::optional<InodeRecord> record;
  std::shared_ptr<const Acl> acl;
  Lsn seen = 0;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        auto found = read_inode(reader, inode.id());
        if (!found) return fail(found.error());
        record = *found;
        if (record) counters_.raise(*record);
        if (record && record->attributes.acl != 0) {
          const auto list = read_list(reader, record->attributes.acl);
          if (!list) return fail(list.error());
          acl = lists_.share(record->attributes.acl, *list);
        }
        seen = reader.seen();
        return {};
      },
      context.blocking);
  if (!read) return read;
  inode.loaded(record.has_value(), record.value_or(InodeRecord{}), std::move(acl), {seen, epoch}, rollbacks_);
  if (inode.pending_any()) enlist(inode);
  return {};
}

Result<InodeView> DittoFs::usable(Context& context, Inode& inode) {
  InodeView state = inode.view();
  while (state.presence == InodeState::Presence::Unloaded || state.epoch != rollbacks_.epoch()) {
    auto locks = InodeLocks::take({&inode}, context.blocking);
    if (!locks) return fail(locks.error());
    state = inode.view();
    if (state.presence != InodeState::Presence::Unloaded && state.epoch == rollbacks_.epoch()) break;
    if (auto read = refresh(context, inode); !read) return fail(read.error());
    state = inode.view();
  }
  context.depend(state.rests_on);
  if (state.presence == InodeState::Presence::Gone) return fail(Error::Stale);
  if (!state.record.in_tree()) {
    if (auto shared = share_rights(context, inode); !shared) return fail(shared.error());
    state = inode.view();
  }
  if (state.removed() && inode.holds.load(std::memory_order_acquire) == 0) return fail(Error::Stale);
  return state;
}

Result<InodePin> DittoFs::pin_inode(Context& context, NodeId id) {
  if (id.subvolume != 0 || id.inode == 0) return fail(Error::Stale);
  InodePin pin = table_.get_or_insert(id, kv_.durable());
  if (auto state = usable(context, *pin); !state) return fail(state.error());
  return pin;
}

Result<NodePin> DittoFs::pin(Context& context, NodeId id) {
  auto pin = pin_inode(context, id);
  if (!pin) return fail(pin.error());
  return std::move(*pin).into_node_pin();
}

Result<InodeLocks> DittoFs::lock(Context& context, std::initializer_list<Inode*> inodes) {
  auto locks = InodeLocks::take(inodes, context.blocking);
  if (!locks) return locks;
  for (Inode* inode : locks->inodes()) {
    InodeState state = inode->state();
    if (state.presence == InodeState::Presence::Unloaded || state.epoch != rollbacks_.epoch()) {
      if (auto read = refresh(context, *inode); !read) return fail(read.error());
      state = inode->state();
    }
    if (state.presence == InodeState::Presence::Gone || (state.removed() && inode->holds.load() == 0)) {
      context.depend(state.rests_on);
      return fail(Error::Stale);
    }
    if (state.record.in_tree()) continue;
    if (auto shared = share_rights(context, *inode); !shared) return fail(shared.error());
  }
  return locks;
}

Result<Stamp> DittoFs::transact(Context& context, FunctionRef<Result<void>(Step&)> body, Publish how) {
  const std::uint64_t epoch = rollbacks_.epoch();
  Lsn seen = 0;
  const auto lsn = kv_.transact(
      [&](store::KvTransaction& kv) -> Result<void> {
        Step step(kv, hash_, counters_, lists_, context.now);
        if (auto done = body(step); !done) return done;
        return step.finish();
      },
      context.blocking, &seen);
  if (!lsn) {
    context.depend(seen);
    return fail(lsn.error());
  }
  if (how == Publish::Stable) {
    context.depend(*lsn);
  } else {
    context.keep(*lsn);
  }
  return Stamp{*lsn, epoch};
}

Result<Stamp> DittoFs::transact(Context& context, Announcement& announcement, FunctionRef<Result<void>(Step&)> body,
                                Publish how) {
  const auto told = [&](Lsn lsn) { announcement.committed(lsn); };
  const auto stamp = transact(
      context,
      [&](Step& step) -> Result<void> {
        if (announcement.wanted()) {
          announcement.begin();
          step.kv().on_commit(told);
        }
        return body(step);
      },
      how);
  if (stamp) announcement.done();
  return stamp;
}

void DittoFs::publish(const Draft& draft, Stamp stamp, Publish how) noexcept {
  if (draft.gone) {
    draft.inode->erased(draft.record, stamp);
  } else {
    draft.inode->committed(draft.record, draft.acl, draft.taken, stamp, how);
  }
}

Result<void> DittoFs::hold(Context& context, Node& node) {
  Inode& inode = inode_of(node);
  const auto locks = lock(context, {&inode});
  if (!locks) return fail(locks.error());
  inode.holds.fetch_add(1, std::memory_order_acq_rel);
  return {};
}

void DittoFs::release(Node& node) noexcept { inode_of(node).holds.fetch_sub(1, std::memory_order_acq_rel); }

Result<Attributes> DittoFs::getattr(Context& context, Node& node) {
  const auto state = usable(context, inode_of(node));
  if (!state) return fail(state.error());
  return state->record.attributes;
}

Result<Access> DittoFs::access(Context& context, Node& node, Access wanted) {
  const auto state = usable(context, inode_of(node));
  if (!state) return fail(state.error());
  return granted(context, state->guarded(), wanted);
}

Result<std::shared_ptr<const Acl>> DittoFs::getacl(Context& context, Node& node) {
  const auto state = usable(context, inode_of(node));
  if (!state) return fail(state.error());
  if (auto allowed = check(context, state->guarded(), Access::ReadAcl); !allowed) return fail(allowed.error());
  return state->acl;
}

Result<FileSystemStatus> DittoFs::status(Context& context) {
  FileSystemStatus status;
  const auto space = data_.space();
  if (!space) return fail(space.error());
  status.space = *space;
  if (status.space.total_files != 0) return status;
  // A data store without a number of files of its own: what is used is known here.
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto value = reader.get(key::usage());
        if (!value) return fail(value.error());
        if (!*value) return {};
        const auto usage = decode_usage(**value);
        if (!usage) return fail(usage.error());
        status.space.free_files = std::uint64_t{1} << 40;
        status.space.total_files = status.space.free_files + usage->inodes;
        context.depend(reader.seen());
        return {};
      },
      context.blocking);
  if (!read) return fail(read.error());
  return status;
}

FileSystemLimits DittoFs::limits() const noexcept {
  return {.link_max = options_.link_max,
          .name_max = ditto::limits::name_bytes,
          .file_size_max = ditto::limits::file_size,
          .case_insensitive = false,
          .case_preserving = true,
          .xattrs = true,
          .acls = true};
}

}  // namespace ditto::vfs
