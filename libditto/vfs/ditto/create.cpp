// CREATE, MKDIR, SYMLINK, MKNOD: a new inode and its first name.
#include "vfs/acl/beginning.hpp"
#include "vfs/acl/parts.hpp"
#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/ditto/streams_change.hpp"
#include "vfs/ditto/unborn.hpp"
#include "vfs/names.hpp"
#include "vfs/streams.hpp"

namespace ditto::vfs {
namespace {

// What a creator that says no mode gets: nothing for others until it does.
constexpr std::uint32_t default_file_mode = 0600, default_directory_mode = 0700, symlink_mode = 0777;

Result<void> check_request(const CreateRequest& request) {
  const SetAttributes& set = request.attributes;
  if (request.mode != CreateMode::Guarded && request.type != FileType::Regular) return fail(Error::InvalidArgument);
  if (!set.valid_times()) return fail(Error::InvalidArgument);
  if (set.size && request.type != FileType::Regular) return fail(Error::InvalidArgument);
  if (set.size && *set.size > limits::file_size) return fail(Error::FileTooBig);
  if (set.acl && request.type != FileType::Symlink) {
    if (auto valid = check_acl(*set.acl, request.type); !valid) return valid;
  }
  if (request.type == FileType::Symlink) {
    if (request.symlink_target.empty()) return fail(Error::InvalidArgument);
    if (request.symlink_target.find('\0') != std::string_view::npos) return fail(Error::InvalidArgument);
    if (request.symlink_target.size() > limits::symlink_bytes) return fail(Error::NameTooLong);
  }
  return {};
}

// Streams are regular files, and their makers do not say who else made one (RFC 8881, 5.3 and 18.16.3).
Result<void> check_stream(const CreateRequest& request) {
  if (request.type != FileType::Regular) return fail(Error::WrongType);
  if (request.mode == CreateMode::Exclusive) return fail(Error::InvalidArgument);
  return {};
}

Timestamp chosen(const std::optional<SetTime>& set, Timestamp now) noexcept {
  return set && !set->server_time ? set->value : now;
}

/// What a creator makes that says nothing of permissions at all; EXCLUSIVE does, and its client will (RFC 8881, 6.4.3).
std::uint32_t default_mode(FileType type) noexcept {
  if (type == FileType::Symlink) return symlink_mode;
  return type == FileType::Directory ? default_directory_mode : default_file_mode;
}

/// A new node's record, and the list that it does not name yet.
struct First {
  InodeRecord record;
  std::shared_ptr<const Acl> acl;
};

// Group and set-group-id come from a set-group-id directory, as Linux and BSD have it.
Result<First> first_record(const Guarded& parent, const Credential& who, const CreateRequest& request, Timestamp now) {
  const Attributes& directory = parent.attributes;
  SetAttributes set = request.attributes;
  if (auto allowed = settle_parts(nullptr, who, set); !allowed) return fail(allowed.error());
  const bool unsaid = request.mode == CreateMode::Exclusive && set.empty();
  Beginning begins = beginning_of(parent.acl, unsaid ? HandedOn::Records : HandedOn::All, request.type, set,
                                  default_mode(request.type));
  InodeRecord record;
  Attributes& a = record.attributes;
  const bool inherits = directory.mode & mode::set_gid;
  a.type = request.type;
  a.mode = begins.mode;
  a.owner = set.owner.value_or(Principal::id(who.uid));
  a.group = set.group.value_or(inherits ? directory.group : Principal::id(who.gid));
  const bool member = a.group.kind == Principal::Kind::Id && who.in_group(a.group.value);
  const bool is_stream = directory.role == NodeRole::StreamDirectory;
  if (is_stream) {
    a.role = NodeRole::Stream;
    take_rights(a, directory);
  } else if (!who.is_root()) {
    if (a.owner != Principal::id(who.uid)) return fail(Error::NotPermitted);
    if (set.group && !member) return fail(Error::NotPermitted);
    // A file that runs with a group's rights is not made by somebody outside of it.
    if (!member && request.type != FileType::Directory) a.mode &= ~mode::set_gid;
  }
  if (inherits && request.type == FileType::Directory) a.mode |= mode::set_gid;
  a.link_count = request.type == FileType::Directory ? 2 : 1;
  a.access_time = chosen(set.access_time, now);
  a.modify_time = chosen(set.modify_time, now);
  a.change_time = now;
  a.birth_time = set.birth_time.value_or(now);
  if (!is_stream) a.dos_attributes = set.dos_attributes.value_or(0);
  if (request.type == FileType::BlockDevice || request.type == FileType::CharDevice) a.device = request.device;
  if (request.type == FileType::Symlink) a.size = request.symlink_target.size();
  if (request.type == FileType::Regular) a.size = set.size.value_or(0);
  if (request.mode == CreateMode::Exclusive) record.has_verifier = true, record.verifier = request.verifier;
  return First{.record = record, .acl = std::move(begins.acl)};
}

}  // namespace

struct DittoFs::Creation {
  Inode& directory;
  Inode& child;
  std::string_view name;
  const CreateRequest& request;
  ObjectId object;  // for a file that begins beyond what is kept inline
  Announcement& announcement;
  StreamsChange streams;
  Draft parent, made;
  std::uint64_t entry_key = 0;
  std::optional<EntryHit> existing;
};

Result<void> DittoFs::create_step(Context& context, Step& step, Creation& creation) {
  creation.existing.reset();
  Draft& parent = creation.parent;
  if (auto loaded = step.load(creation.directory, parent); !loaded) return loaded;
  const Attributes& directory = parent.record.attributes;
  if (directory.link_count == 0) return fail(Error::NotFound);
  if (auto allowed = check(context, parent.guarded(), Access::Execute); !allowed) return allowed;
  const auto found = step.search(creation.directory.id(), creation.name);
  if (!found) return fail(found.error());
  if (found->exact) {
    creation.existing = found->exact;
    return {};
  }
  const bool is_directory = creation.request.type == FileType::Directory;
  const Access needed = is_directory ? Access::AppendData : Access::WriteData;
  if (auto allowed = check(context, parent.guarded(), needed | Access::Execute); !allowed) return allowed;
  const FileType type = creation.request.type;
  // A device node opens whatever the client's machine has under that number.
  const bool device = type == FileType::BlockDevice || type == FileType::CharDevice;
  if (device && !context.who.is_root()) return fail(Error::NotPermitted);
  if (is_directory && directory.link_count >= options_.link_max) return fail(Error::TooManyLinks);
  if (!found->free_key) return fail(Error::NoSpace);
  if (!parent.record.in_tree() && parent.record.entries >= stream_count_limit) return fail(Error::NoSpace);
  auto first = first_record(parent.guarded(), context.who, creation.request, step.now());
  if (!first) return fail(first.error());
  InodeRecord& record = first->record;
  Attributes& a = record.attributes;
  a.id = creation.child.id();
  if (is_directory) {
    record.parent = creation.directory.id().inode;
    record.entry_key = *found->free_key;
  }
  if (!record.in_tree()) record.streams = parent.record.file_id().inode;
  if (a.type == FileType::Symlink) step.kv().put(key::inline_data(a.id), bytes_of(creation.request.symlink_target));
  if (a.type == FileType::Symlink) a.space_used = a.size;
  step.create(creation.child, record, creation.made);
  if (!record.in_tree()) {
    creation.made.acl = parent.acl;
  } else if (auto listed = step.set_list(creation.made, first->acl); !listed) {
    return listed;
  }
  if (a.type == FileType::Regular && a.size != 0) {
    creation.made.record.attributes.size = 0;
    if (auto sized = resize(step, creation.made, a.size, creation.object); !sized) return sized;
  }
  step.store(creation.made);
  creation.entry_key = *found->free_key;
  step.put_entry(creation.directory.id(), creation.entry_key, creation.name, creation.made.record);
  ++parent.record.entries;
  if (is_directory) ++parent.record.attributes.link_count;
  step.modified(parent);
  step.store(parent);
  if (auto noted = creation.streams.note(context, step, parent.record, creation.announcement); !noted) return noted;
  creation.announcement.entry(step, NodeEvent::Created, creation.made.record, parent.record, creation.name,
                              creation.entry_key);
  return {};
}

Result<Created> DittoFs::create(Context& context, Node& node, std::string_view name, const CreateRequest& request) {
  Inode& directory = inode_of(node);
  const auto state = usable(context, directory);
  if (!state) return fail(state.error());
  if (!state->record.is_directory()) return fail(Error::NotDirectory);
  if (auto valid = check_entry_name(name); !valid) return fail(valid.error());
  if (auto valid = check_request(request); !valid) return fail(valid.error());
  if (!state->record.in_tree()) {
    if (auto valid = check_stream(request); !valid) return fail(valid.error());
  }
  const auto file = file_of(context, state->record);
  if (!file) return fail(file.error());
  const auto number = new_id(context, inode_numbers_);
  if (!number) return fail(number.error());
  ObjectId object = 0;
  if (request.attributes.size.value_or(0) > options_.inline_limit) {
    const auto id = new_id(context, object_ids_);
    if (!id) return fail(id.error());
    object = *id;
  }
  // The child is in the table, locked, before anybody can find its name: whoever does then waits for what is published.
  Unborn child(table_, {directory.id().subvolume, *number}, kv_.durable());
  Announcement announcement = announce(context);
  Creation creation{.directory = directory,
                    .child = *child,
                    .name = name,
                    .request = request,
                    .object = object,
                    .announcement = announcement,
                    .streams = StreamsChange(*file)};
  {
    auto locks = lock(context, {&directory, creation.streams.file()});
    if (!locks) return fail(locks.error());
    const std::unique_lock child_lock(child->mutex);
    const auto stamp =
        transact(context, announcement, [&](Step& step) { return create_step(context, step, creation); });
    if (!stamp) return fail(stamp.error());
    if (!creation.existing) {
      child.is_born();
      child->tail_clean = true;
      child->note_name(directory.id(), creation.entry_key);
      publish(creation.made, *stamp);
      publish(creation.parent, *stamp);
      if (creation.streams.file()) publish(creation.streams.draft(), *stamp);
      const Attributes& a = creation.made.record.attributes;
      return Created{.node = {a.id, a}, .directory = creation.parent.change()};
    }
  }
  return found_instead(context, creation);
}

Result<Created> DittoFs::found_instead(Context& context, const Creation& creation) {
  const EntryHit& hit = *creation.existing;
  const CreateRequest& request = creation.request;
  const Change directory = creation.parent.change();
  if (request.mode == CreateMode::Guarded || hit.type != FileType::Regular) return fail(Error::Exists);
  const auto pin = pin_inode(context, hit.id);
  // Removed since: what was seen is that it was there.
  if (!pin) return fail(pin.error() == Error::Stale ? Error::Exists : pin.error());
  const auto state = usable(context, **pin);
  if (!state) return fail(state.error() == Error::Stale ? Error::Exists : state.error());
  (*pin)->note_name(creation.directory.id(), hit.key);
  const InodeRecord& record = state->record;
  if (request.mode == CreateMode::Exclusive) {
    if (!record.has_verifier || record.verifier != request.verifier) return fail(Error::Exists);
    return Created{.node = {hit.id, record.attributes}, .directory = directory, .existed = true};
  }
  return Created{.node = {hit.id, record.attributes}, .directory = directory, .existed = true};
}

}  // namespace ditto::vfs
