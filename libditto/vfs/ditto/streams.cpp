// Named streams: the directory that holds those of a file, and what it and they have of the file. What happens in that
// directory happens as in any other.
#include "vfs/streams.hpp"
#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/ditto/list_records.hpp"
#include "vfs/ditto/unborn.hpp"

namespace ditto::vfs {

struct DittoFs::Glimpse {
  std::optional<InodeView> view;  // nothing: it is gone
  bool usable = false;
};

// No mutex is waited for: the caller may hold one that comes later in the order.
Result<DittoFs::Glimpse> DittoFs::glimpse(Context& context, NodeId id) {
  const InodePin inode = table_.find(id);
  const bool held = inode && inode->holds.load(std::memory_order_acquire) != 0;
  if (inode) {
    InodeView state = inode->view();
    if (state.presence == InodeState::Presence::Present && state.epoch == rollbacks_.epoch()) {
      context.depend(state.rests_on);
      const bool usable = held || !state.removed();
      return Glimpse{std::move(state), usable};
    }
  }
  Glimpse seen;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto record = read_inode(reader, id);
        if (!record) return fail(record.error());
        context.depend(reader.seen());
        if (!*record) return {};
        const Attributes& a = (*record)->attributes;
        seen = {InodeView{{.record = **record}, nullptr}, held || a.link_count != 0};
        if (a.acl == 0) return {};
        const auto list = read_list(reader, a.acl);
        if (!list) return fail(list.error());
        seen.view->acl = lists_.share(a.acl, *list);
        return {};
      },
      context.blocking);
  if (!read) return fail(read.error());
  return seen;
}

// What somebody has open stays when its file goes, until it is closed.
Result<void> DittoFs::share_rights(Context& context, Inode& inode) {
  const InodeRecord record = inode.state().record;
  const auto file = glimpse(context, record.file_id());
  if (!file) return fail(file.error());
  if (file->view) inode.share_rights(*file->view);
  const bool held = record.is_regular() && inode.holds.load(std::memory_order_acquire) != 0;
  if (!file->usable && !held) return fail(Error::Stale);
  return {};
}

Result<InodePin> DittoFs::file_of(Context& context, const InodeRecord& directory) {
  if (directory.in_tree()) return InodePin{};
  return pin_inode(context, directory.file_id());
}

Result<Entry> DittoFs::stream_directory(Context& context, Node& node, bool make) {
  Inode& file = inode_of(node);
  const auto state = usable(context, file);
  if (!state) return fail(state.error());
  const InodeRecord& record = state->record;
  if (!record.in_tree()) return fail(Error::WrongType);
  if (!record.may_have_streams()) return fail(Error::NotSupported);
  if (auto allowed = check(context, state->guarded(), Access::ReadNamedAttrs); !allowed) {
    return fail(allowed.error());
  }
  if (!make && !record.attributes.has_streams) return fail(Error::NotFound);
  NodeId id = record.streams_id();
  if (record.streams == 0) {
    const auto made = make_stream_directory(context, file);
    if (!made) return fail(made.error());
    id = *made;
  }
  const auto pin = pin_inode(context, id);
  if (!pin) return fail(pin.error());
  const auto directory = usable(context, **pin);
  if (!directory) return fail(directory.error());
  return Entry{id, directory->record.attributes};
}

// Nothing of the file changes by it that anybody could see.
Result<NodeId> DittoFs::make_stream_directory(Context& context, Inode& file) {
  const auto number = new_id(context, inode_numbers_);
  if (!number) return fail(number.error());
  Unborn directory(table_, {file.id().subvolume, *number}, kv_.durable());
  const auto locks = lock(context, {&file});
  if (!locks) return fail(locks.error());
  const std::unique_lock directory_lock(directory->mutex);
  Draft owner, made;
  bool is_new = false;
  const auto stamp = transact(context, [&](Step& step) -> Result<void> {
    is_new = false;
    if (auto loaded = step.load(file, owner); !loaded) return loaded;
    const Access both = Access::ReadNamedAttrs | Access::WriteNamedAttrs;
    if (auto allowed = check(context, owner.guarded(), both); !allowed) return allowed;
    if (owner.record.streams != 0) return {};
    is_new = true;
    InodeRecord record;
    record.parent = file.id().inode;
    Attributes& a = record.attributes;
    a.id = directory->id();
    a.type = FileType::Directory;
    a.role = NodeRole::StreamDirectory;
    a.link_count = 2;
    a.access_time = a.modify_time = a.change_time = a.birth_time = step.now();
    take_rights(a, owner.record.attributes);
    step.create(*directory, record, made);
    made.acl = owner.acl;
    step.store(made);
    owner.record.streams = a.id.inode;
    step.store(owner);
    return {};
  });
  if (!stamp) return fail(stamp.error());
  if (is_new) {
    directory.is_born();
    publish(made, *stamp);
    publish(owner, *stamp);
  }
  return owner.record.streams_id();
}

}  // namespace ditto::vfs
