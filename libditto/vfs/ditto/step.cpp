#include "vfs/ditto/step.hpp"

#include <algorithm>

#include "vfs/folding.hpp"
#include "vfs/streams.hpp"

namespace ditto::vfs {

Result<std::optional<InodeRecord>> read_inode(store::KvReader& reader, NodeId id) {
  const auto value = reader.get(key::inode(id));
  if (!value) return fail(value.error());
  if (!*value) return std::nullopt;
  auto record = decode_inode(**value, id);
  if (!record) return fail(record.error());
  return *record;
}

Result<EntrySearch> search_entries(store::KvReader& reader, const NameHash& hash, NodeId directory,
                                   std::string_view name, SearchFor what) {
  const std::uint64_t chain = hash.entry_chain(name);
  EntrySearch found;
  std::uint64_t lowest_free = chain;
  bool corrupt = false;
  const auto visit = [&](Bytes bytes, Bytes value) {
    NodeId in;
    std::uint64_t entry_key = 0;
    const auto entry = decode_entry(value);
    if (!entry || !key::parse_node_and(bytes, Tag::Entry, in, entry_key)) {
      corrupt = true;
      return false;
    }
    if (entry_key == lowest_free) ++lowest_free;
    const EntryHit hit{entry_key, {directory.subvolume, entry->inode}, entry->type};
    if (entry->name == name) found.exact = hit;
    if (what == SearchFor::FoldedName && !found.folded && same_folded(entry->name, name)) found.folded = hit;
    return true;
  };
  const Key from = key::entry(directory, chain), to = key::entry(directory, chain + NameHash::first_key);
  if (auto scanned = reader.scan(from, to, visit); !scanned) return fail(scanned.error());
  if (corrupt) return fail(Error::Corrupt);
  if (NameHash::discriminator_of(lowest_free) < NameHash::max_chain) found.free_key = lowest_free;
  return found;
}

Result<void> Step::load(Inode& inode, Draft& draft) {
  const auto record = read_inode(kv_, inode.id());
  if (!record) return fail(record.error());
  if (!*record) return fail(Error::Stale);
  draft.inode = &inode;
  draft.record = **record;
  draft.acl = nullptr;
  if (!draft.record.in_tree()) {
    // It names no list of its own.
    const InodeView shown = inode.view();
    take_rights(draft.record.attributes, shown.record.attributes);
    draft.acl = shown.acl;
  } else if (const std::uint64_t id = draft.record.attributes.acl; id != 0) {
    // The caller holds the inode's mutex: what it shows is what the store has, unless that was rolled back.
    InodeView shown = inode.view();
    if (shown.record.attributes.acl == id) draft.acl = std::move(shown.acl);
    if (!draft.acl) {
      const auto list = read_list(kv_, id);
      if (!list) return fail(list.error());
      draft.acl = lists_.share(id, *list);
    }
  }
  counters_.raise(draft.record);
  draft.counted = draft.record.counted_bytes();
  draft.taken = inode.pending();
  draft.taken.apply_to(draft.record);
  draft.before = before_of(draft.record.attributes);
  draft.least_change = inode.highest_change();
  draft.gone = false;
  return {};
}

void Step::create(Inode& inode, const InodeRecord& record, Draft& draft) {
  draft = {.inode = &inode, .record = record, .before = before_of(record.attributes)};
  draft.record.attributes.change = next_change(draft);
  count(1, 0);
}

Result<void> Step::set_list(Draft& draft, const std::shared_ptr<const Acl>& acl) {
  std::uint64_t& id = draft.record.attributes.acl;
  if (id != 0) references_.add(id, -1);
  id = 0;
  draft.acl = nullptr;
  if (!acl) return {};
  const auto kept = ListReferences::find_or_put(kv_, hash_, *acl);
  if (!kept) return fail(kept.error());
  id = *kept;
  references_.add(id, 1);
  draft.acl = lists_.share(id, *acl);
  return {};
}

void Step::store(Draft& draft) {
  if (draft.record.is_directory()) {
    draft.record.attributes.size = directory_size(draft.record.entries);
    draft.record.attributes.space_used = draft.record.attributes.size;
  }
  const std::uint64_t bytes = draft.record.counted_bytes();
  count(0, static_cast<std::int64_t>(bytes - draft.counted));
  draft.counted = bytes;
  kv_.put(key::inode(draft.record.id()), encode(draft.record));
}

void Step::erase(Draft& draft) {
  count(-1, -static_cast<std::int64_t>(draft.counted));
  draft.counted = 0;
  draft.gone = true;
  const std::uint64_t list = draft.record.attributes.acl;
  if (list != 0 && draft.record.in_tree()) references_.add(list, -1);
  kv_.erase(key::inode(draft.record.id()));
  if (draft.record.object != 0) kv_.erase(key::unverified(draft.record.id()));
  const bool inline_data = draft.record.object == 0 && draft.record.attributes.size != 0;
  if (!draft.record.is_directory() && inline_data) kv_.erase(key::inline_data(draft.record.id()));
}

void Step::modified(Draft& draft) noexcept {
  draft.record.attributes.modify_time = now_;
  changed(draft);
}

void Step::changed(Draft& draft) noexcept {
  draft.record.attributes.change_time = now_;
  draft.record.attributes.change = next_change(draft);
}

std::uint64_t Step::next_change(const Draft& draft) const noexcept {
  return counters_.next(draft.record.attributes.change, draft.least_change);
}

void Step::put_entry(NodeId directory, std::uint64_t entry_key, std::string_view name, const InodeRecord& target) {
  const EntryRecord entry{.inode = target.id().inode, .type = target.attributes.type, .name = name};
  kv_.put(key::entry(directory, entry_key), encode(entry));
}

void Step::drop_link(Draft& target, bool in_use) {
  Attributes& a = target.record.attributes;
  a.link_count = target.record.is_directory() ? 0 : a.link_count - 1;
  changed(target);
  if (a.link_count > 0) return;
  const bool has_streams = target.record.may_have_streams() && target.record.streams != 0;
  if (target.record.object != 0 || target.record.has_xattrs || has_streams || in_use) {
    kv_.put(key::orphan_inode(target.record.id()), encode_number(0));
  } else {
    erase(target);
  }
}

Result<void> Step::finish() {
  if (!references_.empty()) {
    if (auto written = references_.write(kv_); !written) return written;
  }
  if (inodes_ == 0 && bytes_ == 0) return {};
  UsageRecord usage;
  const auto value = kv_.get(key::usage());
  if (!value) return fail(value.error());
  if (*value) {
    const auto decoded = decode_usage(**value);
    if (!decoded) return fail(decoded.error());
    usage = *decoded;
  }
  usage.inodes += static_cast<std::uint64_t>(inodes_);
  usage.bytes += static_cast<std::uint64_t>(bytes_);
  kv_.put(key::usage(), encode(usage));
  return {};
}

}  // namespace ditto::vfs
