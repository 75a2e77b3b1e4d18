// Extended attributes: one record each, found by the hash of the exact name as directory entries are.
#include <algorithm>

#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {
namespace {

struct XattrSearch {
  std::optional<std::uint64_t> exact;
  std::string value;
  std::optional<std::uint64_t> free_key;
};

Result<void> check_xattr_name(std::string_view name) {
  if (name.empty() || name.find('\0') != std::string_view::npos) return fail(Error::InvalidArgument);
  if (name.size() > DittoFs::xattr_name_limit) return fail(Error::NameTooLong);
  return {};
}

// Streams have none. As Linux has it for attributes of users: a symlink's mode says nothing, so nobody could be kept
// from writing them.
Result<void> check_xattr_node(const InodeRecord& record) {
  if (!record.may_have_streams()) return fail(Error::NotPermitted);
  return {};
}

Result<XattrSearch> search_xattr(store::KvReader& reader, const NameHash& hash, NodeId id, std::string_view name) {
  const std::uint64_t chain = hash.xattr_chain(name);
  XattrSearch found;
  std::uint64_t lowest_free = chain;
  bool corrupt = false;
  const auto visit = [&](Bytes bytes, Bytes value) {
    NodeId of;
    std::uint64_t name_key = 0;
    const auto record = decode_xattr(value);
    if (!record || !key::parse_node_and(bytes, Tag::Xattr, of, name_key)) {
      corrupt = true;
      return false;
    }
    if (name_key == lowest_free) ++lowest_free;
    if (record->name == name) found.exact = name_key, found.value = text_of(record->value);
    return true;
  };
  const auto scanned = reader.scan(key::xattr(id, chain), key::xattr(id, chain + NameHash::first_key), visit);
  if (!scanned) return fail(scanned.error());
  if (corrupt) return fail(Error::Corrupt);
  if (NameHash::discriminator_of(lowest_free) < NameHash::max_chain) found.free_key = lowest_free;
  return found;
}

Result<std::vector<std::string>> list_xattrs(store::KvReader& reader, NodeId id) {
  std::vector<std::string> names;
  bool corrupt = false;
  const auto visit = [&](Bytes, Bytes value) {
    const auto record = decode_xattr(value);
    if (!record) {
      corrupt = true;
      return false;
    }
    names.emplace_back(record->name);
    return true;
  };
  const auto scanned = reader.scan(key::xattr(id, 0), key::xattr(id, NameHash::key_limit), visit);
  if (!scanned) return fail(scanned.error());
  if (corrupt) return fail(Error::Corrupt);
  return names;
}

}  // namespace

Result<std::string> DittoFs::getxattr(Context& context, Node& node, std::string_view name) {
  Inode& inode = inode_of(node);
  const auto state = usable(context, inode);
  if (!state) return fail(state.error());
  if (auto valid = check_xattr_name(name); !valid) return fail(valid.error());
  if (auto ok = check(context, state->guarded(), Access::ReadNamedAttrs); !ok) return fail(ok.error());
  std::optional<std::string> value;
  Lsn seen = 0;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        auto found = search_xattr(reader, hash_, inode.id(), name);
        seen = reader.seen();
        if (!found) return fail(found.error());
        if (found->exact) value = std::move(found->value);
        return {};
      },
      context.blocking);
  context.depend(seen);
  if (!read) return fail(read.error());
  if (!value) return fail(Error::NoAttribute);
  return std::move(*value);
}

Result<Change> DittoFs::setxattr(Context& context, Node& node, std::string_view name, Bytes value, XattrMode mode) {
  Inode& inode = inode_of(node);
  if (auto valid = check_xattr_name(name); !valid) return fail(valid.error());
  if (value.size() > xattr_value_limit) return fail(Error::FileTooBig);
  const auto locks = lock(context, {&inode});
  if (!locks) return fail(locks.error());
  Draft draft;
  Announcement announcement = announce(context);
  const auto stamp = transact(context, announcement, [&](Step& step) -> Result<void> {
    if (auto loaded = step.load(inode, draft); !loaded) return loaded;
    if (auto settable = check_xattr_node(draft.record); !settable) return settable;
    if (auto ok = check(context, draft.guarded(), Access::WriteNamedAttrs); !ok) return ok;
    const auto found = search_xattr(step.kv(), hash_, inode.id(), name);
    if (!found) return fail(found.error());
    if (found->exact && mode == XattrMode::Create) return fail(Error::Exists);
    if (!found->exact && mode == XattrMode::Replace) return fail(Error::NoAttribute);
    if (!found->exact && !found->free_key) return fail(Error::NoSpace);
    if (!found->exact) {
      const auto names = list_xattrs(step.kv(), inode.id());
      if (!names) return fail(names.error());
      if (names->size() >= xattr_count_limit) return fail(Error::NoSpace);
    }
    const std::uint64_t name_key = found->exact ? *found->exact : *found->free_key;
    step.kv().put(key::xattr(inode.id(), name_key), encode(XattrRecord{.name = name, .value = value}));
    draft.record.has_xattrs = true;
    step.changed(draft);
    step.store(draft);
    announcement.node(step, NodeEvent::XattrsSet, draft);
    return {};
  });
  if (!stamp) return fail(stamp.error());
  publish(draft, *stamp);
  return draft.change();
}

Result<Change> DittoFs::removexattr(Context& context, Node& node, std::string_view name) {
  Inode& inode = inode_of(node);
  if (auto valid = check_xattr_name(name); !valid) return fail(valid.error());
  const auto locks = lock(context, {&inode});
  if (!locks) return fail(locks.error());
  Draft draft;
  Announcement announcement = announce(context);
  const auto stamp = transact(context, announcement, [&](Step& step) -> Result<void> {
    if (auto loaded = step.load(inode, draft); !loaded) return loaded;
    if (auto settable = check_xattr_node(draft.record); !settable) return settable;
    if (auto ok = check(context, draft.guarded(), Access::WriteNamedAttrs); !ok) return ok;
    const auto found = search_xattr(step.kv(), hash_, inode.id(), name);
    if (!found) return fail(found.error());
    if (!found->exact) return fail(Error::NoAttribute);
    step.kv().erase(key::xattr(inode.id(), *found->exact));
    const auto left = list_xattrs(step.kv(), inode.id());
    if (!left) return fail(left.error());
    draft.record.has_xattrs = !left->empty();
    step.changed(draft);
    step.store(draft);
    announcement.node(step, NodeEvent::XattrsSet, draft);
    return {};
  });
  if (!stamp) return fail(stamp.error());
  publish(draft, *stamp);
  return draft.change();
}

Result<std::vector<std::string>> DittoFs::listxattr(Context& context, Node& node) {
  Inode& inode = inode_of(node);
  const auto state = usable(context, inode);
  if (!state) return fail(state.error());
  if (auto ok = check(context, state->guarded(), Access::ReadNamedAttrs); !ok) return fail(ok.error());
  std::vector<std::string> names;
  Lsn seen = 0;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        auto listed = list_xattrs(reader, inode.id());
        seen = reader.seen();
        if (!listed) return fail(listed.error());
        names = std::move(*listed);
        return {};
      },
      context.blocking);
  context.depend(seen);
  if (!read) return fail(read.error());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ditto::vfs
