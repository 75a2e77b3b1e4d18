// REMOVE, RMDIR: a name goes, and with its last name the inode.
#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/ditto/streams_change.hpp"
#include "vfs/names.hpp"

namespace ditto::vfs {

struct DittoFs::Removal {
  Inode& directory;
  Inode* target;  // what the name meant when it was resolved; null: nothing
  std::string_view name;
  RemoveKind kind;
  Announcement& announcement;
  StreamsChange streams;
  Draft parent, gone;
  bool moved_on = false;  // the name means something else by now
};

// Errors in the order of Linux: what may not be removed at all, then the sticky bit, then the type, then what is
// inside.
Result<void> DittoFs::remove_step(Context& context, Step& step, Removal& removal) {
  removal.moved_on = false;
  Draft& parent = removal.parent;
  if (auto loaded = step.load(removal.directory, parent); !loaded) return loaded;
  if (auto allowed = check(context, parent.guarded(), Access::Execute); !allowed) return allowed;
  const auto found = step.search(removal.directory.id(), removal.name);
  if (!found) return fail(found.error());
  const NodeId target = found->exact ? found->exact->id : NodeId{};
  if (target != (removal.target ? removal.target->id() : NodeId{})) {
    removal.moved_on = true;
    return {};
  }
  if (!found->exact) return fail(Error::NotFound);
  Draft& gone = removal.gone;
  if (auto loaded = step.load(*removal.target, gone); !loaded) return loaded;
  if (auto allowed = check_remove(context, parent.guarded(), gone.guarded()); !allowed) {
    return allowed;
  }
  const bool is_directory = gone.record.is_directory();
  if (removal.kind == RemoveKind::NonDirectory && is_directory) return fail(Error::IsDirectory);
  if (removal.kind == RemoveKind::Directory && !is_directory) return fail(Error::NotDirectory);
  if (is_directory && gone.record.entries != 0) return fail(Error::NotEmpty);
  const bool used = in_use(*removal.target);  // before whoever admits pins it as well
  if (!context.admits(*removal.target, NameChange::Unlink)) return fail(Error::Delay);
  step.erase_entry(removal.directory.id(), found->exact->key);
  --parent.record.entries;
  if (is_directory) --parent.record.attributes.link_count;
  step.modified(parent);
  step.store(parent);
  step.drop_link(gone, used);
  if (!gone.gone) step.store(gone);
  if (auto noted = removal.streams.note(context, step, parent.record, removal.announcement); !noted) return noted;
  removal.announcement.entry(step, NodeEvent::Removed, gone.record, parent.record, removal.name, found->exact->key);
  return {};
}

Result<Removed> DittoFs::remove(Context& context, Node& node, std::string_view name, RemoveKind kind) {
  Inode& directory = inode_of(node);
  for (int attempt = 0; attempt < name_attempts; ++attempt) {
    const auto state = usable(context, directory);
    if (!state) return fail(state.error());
    if (!state->record.is_directory()) return fail(Error::NotDirectory);
    if (auto valid = check_entry_name(name); !valid) return fail(valid.error());
    const auto target = resolve(context, directory, name);
    if (!target) {
      if (target.error() == Error::Stale) continue;
      return fail(target.error());
    }
    const auto file = file_of(context, state->record);
    if (!file) return fail(file.error());
    Inode* inode = *target ? &**target : nullptr;
    const auto locks = lock(context, {&directory, inode, *file ? &**file : nullptr});
    if (!locks) {
      if (locks.error() == Error::Stale) continue;
      return fail(locks.error());
    }
    Announcement announcement = announce(context);
    Removal removal{.directory = directory,
                    .target = inode,
                    .name = name,
                    .kind = kind,
                    .announcement = announcement,
                    .streams = StreamsChange(*file)};
    const auto stamp = transact(context, announcement, [&](Step& step) { return remove_step(context, step, removal); });
    if (!stamp) return fail(stamp.error());
    if (removal.moved_on) continue;
    publish(removal.gone, *stamp);
    publish(removal.parent, *stamp);
    if (removal.streams.file()) publish(removal.streams.draft(), *stamp);
    return Removed{.node = removal.gone.record.attributes, .directory = removal.parent.change()};
  }
  return fail(contended(context));
}

}  // namespace ditto::vfs
