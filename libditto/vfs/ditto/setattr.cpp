// SETATTR, and what a new size means for contents.
#include <algorithm>
#include <vector>

#include "vfs/acl/mode.hpp"
#include "vfs/acl/parts.hpp"
#include "vfs/ditto/checksum_records.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {
namespace {

Timestamp chosen(const SetTime& set, Timestamp now) noexcept { return set.server_time ? now : set.value; }

/// RFC 8881, 6.4.1: first the mode, then the list, which has the last word on the permission bits. `asked` is what the
/// access check has made of `changes`.
Result<void> apply_permissions(Step& step, Draft& draft, const SetAttributes& asked, const SetAttributes& changes) {
  constexpr std::uint32_t permissions = 0777;
  Attributes& a = draft.record.attributes;
  if (asked.mode) a.mode = *asked.mode & mode::all;
  const bool decides = changes.acl && asked.acl_parts != AclParts::Sacl;
  const bool by_mode = !decides && draft.acl && changes.mode && (changes.mode_mask & permissions) != 0;
  if (!changes.acl && !by_mode) return {};
  if (changes.acl && !decides && changes.acl->aces.empty() && !draft.acl) return {};  // nothing was recorded before
  Acl list = draft.acl ? *draft.acl : acl_of(a.mode, a.type);
  if (by_mode) list = with_mode(list, a.mode & permissions, a.type);
  // What is inherited does not stand behind everything else any more (6.4.3.2).
  const auto is_inherited = [](const Ace& ace) { return !ace.records() && any(ace.flags & AceFlags::Inherited); };
  if (by_mode && std::ranges::any_of(list.aces, is_inherited)) list.dacl = list.dacl | AclFlags::Protected;
  if (changes.acl) list = with_part(list, *changes.acl, asked.acl_parts);
  if (decides) a.mode = (a.mode & ~permissions) | mode_of(list);
  return step.set_list(draft, std::make_shared<const Acl>(std::move(list)));
}

void apply(const SetAttributes& changes, Attributes& a, Timestamp now) noexcept {
  if (changes.owner) a.owner = *changes.owner;
  if (changes.group) a.group = *changes.group;
  if (changes.access_time) a.access_time = chosen(*changes.access_time, now);
  if (changes.modify_time) a.modify_time = chosen(*changes.modify_time, now);
  if (changes.birth_time) a.birth_time = *changes.birth_time;
  if (changes.dos_attributes) a.dos_attributes = *changes.dos_attributes;
}

void tell(Announcement& announcement, Step& step, const Draft& draft, const SetAttributes& changes, bool new_size) {
  if (!announcement.wanted()) return;
  if (new_size) announcement.node(step, NodeEvent::Resized, draft);
  SetAttributes rest = changes;
  rest.size.reset();
  if (!new_size || !rest.empty()) announcement.node(step, NodeEvent::AttributesSet, draft);
}

// What a stream has of its file is set there.
bool of_the_file(const SetAttributes& changes) noexcept {
  return changes.mode || changes.acl || changes.owner || changes.group || changes.dos_attributes;
}

Result<void> check_size(const InodeRecord& record, std::uint64_t size) {
  if (record.is_directory()) return fail(Error::IsDirectory);
  if (!record.is_regular()) return fail(Error::InvalidArgument);
  if (size > limits::file_size) return fail(Error::FileTooBig);
  return {};
}

Result<void> resize_inline(store::KvTransaction& kv, NodeId id, std::uint64_t old_size, std::uint64_t size) {
  if (size == 0) {
    kv.erase(key::inline_data(id));
    return {};
  }
  const auto value = kv.get(key::inline_data(id));
  if (!value) return fail(value.error());
  const Bytes old = value->value_or(Bytes{});
  if (old.size() != old_size) return fail(Error::Corrupt);
  std::vector<std::byte> contents(size);
  std::copy_n(old.begin(), std::min<std::size_t>(old.size(), size), contents.begin());
  kv.put(key::inline_data(id), contents);
  return {};
}

}  // namespace

// The records' part of a new size. `object` is for a file that had no contents and outgrows what is kept inline.
Result<void> DittoFs::resize(Step& step, Draft& draft, std::uint64_t size, ObjectId object) const {
  Attributes& a = draft.record.attributes;
  const std::uint64_t shared = draft.record.shared.space;
  if (auto dropped = drop_extents(step.kv(), draft.record, size, to_the_end); !dropped) return dropped;
  a.space_used -= std::min(a.space_used, shared - draft.record.shared.space);
  if (draft.record.object != 0 && size == 0) {
    // The old contents go to the orphans whole, so that nothing has to wait before the file is written anew.
    step.kv().put(key::orphan_object(draft.record.object), encode_number(a.size));
    step.kv().erase(key::unverified(a.id));
    draft.record.object = 0;
    draft.record.checksum_groups = 0;
    a.space_used = 0;
  } else if (fits_inline(draft.record, size)) {
    if (auto resized = resize_inline(step.kv(), a.id, a.size, size); !resized) return resized;
    a.space_used = size;
  } else if (draft.record.object == 0) {
    draft.record.object = object;
  } else if (size > a.size) {
    // Checksums speak for what they cover, and that stays.
    list_unverified(step.kv(), *draft.inode);
  } else if (const std::uint64_t whole = size / group_bytes; draft.record.checksum_groups > whole) {
    // A huge file has more records than fit a transaction: those that stay do not count any more. The next write waits
    // for this one (settle_tail()), so that no byte changes below checksums that a crash brings back.
    (void)erase_checksums(step.kv(), draft.record.object, whole, all_groups);
    draft.record.checksum_groups = whole;
    list_unverified(step.kv(), *draft.inode);
  }
  a.size = size;
  return {};
}

// What has to happen to the contents before the transaction that changes the size.
Result<ObjectId> DittoFs::prepare_resize(Context& context, Inode& inode, std::uint64_t size) {
  const InodeRecord record = inode.state().record;
  const bool grows = size > record.attributes.size;
  if (!grows || fits_inline(record, size)) return 0;
  if (record.object == 0 && record.attributes.size == 0) return new_id(context, object_ids_);
  if (auto ready = prepare_object(context, inode); !ready) return fail(ready.error());
  return 0;
}

// Readers are past what leaves the file before its object loses it.
void DittoFs::after_resize(Inode& inode, const InodeRecord& old, const Draft& draft, Stamp stamp) {
  const InodeRecord& record = draft.record;
  const bool shrank = record.attributes.size < old.attributes.size;
  if (shrank || record.object != old.object) inode.moved_data();
  publish(draft, stamp);
  if (record.object != old.object) {
    inode.fence = false;
    inode.tail_clean = true;
    inode.synced_writes = inode.writes;
    inode.unverified = {};
    inode.listed = false;
  } else if (shrank && record.object != 0) {
    inode.fence = true;
    inode.tail_clean = false;
    ++inode.object_changes;
    enlist(inode);
  }
}

Result<Change> DittoFs::setattr(Context& context, Node& node, const SetAttributes& changes,
                                const std::optional<Timestamp>& guard) {
  Inode& inode = inode_of(node);
  const auto state = usable(context, inode);
  if (!state) return fail(state.error());
  if (!changes.valid_times()) return fail(Error::InvalidArgument);
  if (!state->record.in_tree() && of_the_file(changes)) return fail(Error::NotSupported);
  if (changes.size) {
    if (auto valid = check_size(state->record, *changes.size); !valid) return fail(valid.error());
  }
  if (changes.acl) {
    if (auto valid = check_acl(*changes.acl, state->record.attributes.type); !valid) return fail(valid.error());
  }
  const auto locks = lock(context, {&inode});
  if (!locks) return fail(locks.error());
  ObjectId object = 0;
  if (changes.size) {
    // Permission first: moving contents is work, and visible in the space used.
    SetAttributes asked = changes;
    if (auto allowed = check_setattr(context, inode.view().guarded(), asked); !allowed) {
      return fail(allowed.error());
    }
    const auto prepared = prepare_resize(context, inode, *changes.size);
    if (!prepared) return fail(prepared.error());
    object = *prepared;
  }
  const InodeRecord old = inode.state().record;
  Draft draft;
  Announcement announcement = announce(context);
  const auto stamp = transact(context, announcement, [&](Step& step) -> Result<void> {
    if (auto loaded = step.load(inode, draft); !loaded) return loaded;
    Attributes& a = draft.record.attributes;
    if (guard && *guard != a.change_time) return fail(Error::NotSync);
    SetAttributes asked = changes;
    if (auto allowed = check_setattr(context, draft.guarded(), asked); !allowed) return allowed;
    if (changes.empty()) return {};
    const bool new_size = asked.size && *asked.size != a.size;
    if (new_size) {
      if (auto resized = resize(step, draft, *asked.size, object); !resized) return resized;
      step.modified(draft);
    } else {
      step.changed(draft);
    }
    apply(asked, a, step.now());
    if (auto applied = apply_permissions(step, draft, asked, changes); !applied) return applied;
    draft.record.has_verifier = false;
    draft.record.verifier = 0;
    step.store(draft);
    tell(announcement, step, draft, changes, new_size);
    return {};
  });
  if (!stamp) return fail(stamp.error());
  if (!changes.empty()) after_resize(inode, old, draft, *stamp);
  return draft.change();
}

}  // namespace ditto::vfs
