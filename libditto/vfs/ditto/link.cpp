// LINK: one more name for an inode.
#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/names.hpp"

namespace ditto::vfs {

namespace {

// Streams have one name, and only at their file; nothing else has one there (RFC 8881, 18.9.3).
Result<void> check_home(const InodeRecord& node, const InodeRecord& directory) {
  if (node.in_tree() && directory.in_tree()) return {};
  const bool at_home = !node.in_tree() && !directory.in_tree() && node.file_id() == directory.file_id();
  return fail(at_home ? Error::NotSupported : Error::CrossDevice);
}

}  // namespace

// Errors in the order of Linux: a name that is taken, then permission, then what may not be linked.
Result<Linked> DittoFs::link(Context& context, Node& node, Node& directory_node, std::string_view name) {
  Inode& inode = inode_of(node);
  Inode& directory = inode_of(directory_node);
  const auto source = usable(context, inode);
  if (!source) return fail(source.error());
  const auto state = usable(context, directory);
  if (!state) return fail(state.error());
  if (!state->record.is_directory()) return fail(Error::NotDirectory);
  if (auto valid = check_entry_name(name); !valid) return fail(valid.error());
  if (auto allowed = check_home(source->record, state->record); !allowed) return fail(allowed.error());
  const auto locks = lock(context, {&inode, &directory});
  if (!locks) return fail(locks.error());
  Draft target, parent;
  Announcement announcement = announce(context);
  const auto stamp = transact(context, announcement, [&](Step& step) -> Result<void> {
    if (auto loaded = step.load(directory, parent); !loaded) return loaded;
    const Attributes& in = parent.record.attributes;
    if (in.link_count == 0) return fail(Error::NotFound);
    if (auto allowed = check(context, parent.guarded(), Access::Execute); !allowed) return allowed;
    const auto found = step.search(directory.id(), name);
    if (!found) return fail(found.error());
    if (found->exact) return fail(Error::Exists);
    if (auto allowed = check(context, parent.guarded(), Access::WriteData | Access::Execute); !allowed) return allowed;
    if (source->record.is_directory()) return fail(Error::NotPermitted);
    if (auto loaded = step.load(inode, target); !loaded) return loaded;
    Attributes& a = target.record.attributes;
    // Its last name is gone: only an open still holds it, and a name would bring it back from the orphans.
    if (a.link_count == 0) return fail(Error::NotFound);
    if (a.link_count >= options_.link_max) return fail(Error::TooManyLinks);
    if (!found->free_key) return fail(Error::NoSpace);
    ++a.link_count;
    step.changed(target);
    step.store(target);
    step.put_entry(directory.id(), *found->free_key, name, target.record);
    ++parent.record.entries;
    step.modified(parent);
    step.store(parent);
    announcement.entry(step, NodeEvent::Created, target.record, parent.record, name, *found->free_key);
    return {};
  });
  if (!stamp) return fail(stamp.error());
  publish(target, *stamp);
  publish(parent, *stamp);
  return Linked{.node = target.record.attributes, .directory = parent.change()};
}

}  // namespace ditto::vfs
