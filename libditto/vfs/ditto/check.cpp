#include "vfs/ditto/check.hpp"

#include <algorithm>

namespace ditto::vfs {
namespace {

constexpr std::size_t slice_records = 512;
constexpr std::uint64_t progress_every = 4096;

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string of_inode(std::uint64_t inode) { return "inode " + number(inode); }

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    const bool plain = c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
    if (plain || static_cast<unsigned char>(c) >= 0x80) {
      text += c;
    } else {
      constexpr char digits[] = "0123456789abcdef";
      text += {'\\', 'x', digits[static_cast<unsigned char>(c) >> 4], digits[c & 15]};
    }
  }
  return text + "\"";
}

}  // namespace

Result<CheckSummary> DittoFs::check_store(const CheckRequest& request, FunctionRef<void(std::string_view)> line,
                                          FunctionRef<void(const CheckSummary&)> progress) {
  write_back();
  DittoFsCheck check(*this, request, line, progress);
  const auto summary = check.run();
  // Records may have changed behind the inodes in memory: they are read again before they are used.
  if (request.repair) rollbacks_.note(kv_.durable());
  return summary;
}

Result<CheckSummary> DittoFsCheck::run() {
  using Pass = Result<void> (DittoFsCheck::*)();
  for (const Pass pass :
       {&DittoFsCheck::verify_values, &DittoFsCheck::walk_inodes, &DittoFsCheck::match_streams,
        &DittoFsCheck::walk_contents, &DittoFsCheck::walk_orphans, &DittoFsCheck::walk_entries,
        &DittoFsCheck::walk_xattrs, &DittoFsCheck::walk_lists, &DittoFsCheck::find_unreachable,
        &DittoFsCheck::compare_counts, &DittoFsCheck::compare_usage, &DittoFsCheck::walk_objects,
        &DittoFsCheck::walk_unverified, &DittoFsCheck::walk_checksums, &DittoFsCheck::compare_contents}) {
    if (auto done = (this->*pass)(); !done) return fail(done.error());
    progress_(summary_);
  }
  return summary_;
}

Result<void> DittoFsCheck::for_each(const Key& first, const Key& end, FunctionRef<void(Bytes key, Bytes value)> visit) {
  std::string from(text_of(first.bytes()));
  for (;;) {
    std::vector<std::pair<std::string, std::string>> slice;
    const auto take = [&](Bytes key, Bytes value) {
      slice.emplace_back(text_of(key), text_of(value));
      return slice.size() < slice_records;
    };
    const auto read = fs_.kv_.view([&](store::KvReader& reader) { return reader.scan(bytes_of(from), end, take); },
                                   Blocking::Allowed);
    for (const auto& [key, value] : slice) visit(bytes_of(key), bytes_of(value));
    if (!slice.empty()) from = slice.back().first + '\0';
    if (read) {
      if (slice.size() < slice_records) return {};
    } else {
      const auto damaged = std::lower_bound(damaged_.begin(), damaged_.end(), from);
      if (read.error() != Error::Corrupt || damaged == damaged_.end()) return read;
      from = *damaged + '\0';
    }
  }
}

Result<void> DittoFsCheck::verify_values() {
  const auto verified = fs_.kv_.verify([this](Bytes key) { damaged_.emplace_back(text_of(key)); });
  std::sort(damaged_.begin(), damaged_.end());
  for (const std::string& key : damaged_) {
    problem(key::name_of(bytes_of(key)) + ": damaged on the disk");
    NodeId id;
    const bool of_inode = key::parse_node(bytes_of(key), Tag::Inode, id);
    if (of_inode || key::parse_node(bytes_of(key), Tag::Inline, id)) unreadable_.push_back(id);
  }
  return verified;
}

DittoFsCheck::Known* DittoFsCheck::find(NodeId id) noexcept {
  if (id.subvolume != 0) return nullptr;
  const auto at = std::lower_bound(known_.begin(), known_.end(), id.inode,
                                   [](const Known& known, std::uint64_t inode) { return known.inode < inode; });
  return at != known_.end() && at->inode == id.inode ? &*at : nullptr;
}

bool DittoFsCheck::unreadable(NodeId id) const noexcept {
  return std::find(unreadable_.begin(), unreadable_.end(), id) != unreadable_.end();
}

Result<void> DittoFsCheck::walk_inodes() {
  if (auto read = for_each(Tag::Inode, [this](Bytes key, Bytes value) { inode(key, value); }); !read) return read;
  const Known* root = find(fs_.root_);
  if (!root || root->type != FileType::Directory) problem("the root directory is missing");
  return {};
}

void DittoFsCheck::inode(Bytes bytes, Bytes value) {
  NodeId id;
  if (!key::parse_node(bytes, Tag::Inode, id) || id.subvolume != 0) return problem("an inode's key is malformed");
  const auto record = decode_inode(value, id);
  if (!record) {
    unreadable_.push_back(id);
    return problem(of_inode(id.inode) + ": its record cannot be read");
  }
  if (++summary_.inodes % progress_every == 0) progress_(summary_);
  known_.push_back({.inode = id.inode,
                    .object = record->object,
                    .size = record->attributes.size,
                    .checksum_groups = record->checksum_groups,
                    .streams = record->streams,
                    .link_count = record->attributes.link_count,
                    .type = record->attributes.type,
                    .role = record->attributes.role,
                    .has_streams = record->attributes.has_streams,
                    .has_xattrs = record->has_xattrs});
  if (record->object != 0) objects_.push_back(record->object);
  if (record->attributes.acl != 0) ++lists_[record->attributes.acl].inodes;
  if (record->is_directory()) {
    directories_[id.inode] = {.parent = record->parent, .entry_key = record->entry_key, .entries = record->entries};
  }
}

Result<void> DittoFsCheck::walk_contents() {
  if (auto read = for_each(Tag::Inline, [this](Bytes key, Bytes value) { contents(key, value); }); !read) return read;
  for (Known& known : known_) {
    const bool wants = known.type == FileType::Regular || known.type == FileType::Symlink;
    if (!wants || known.object != 0 || known.size == 0 || known.found_contents) continue;
    const auto empty = [](InodeRecord& record) { record.attributes.size = record.attributes.space_used = 0; };
    if (fix_inode(of_inode(known.inode) + ": its contents are missing", {0, known.inode}, empty)) known.size = 0;
  }
  return {};
}

void DittoFsCheck::contents(Bytes bytes, Bytes value) {
  NodeId id;
  if (!key::parse_node(bytes, Tag::Inline, id)) return problem("a key of inline contents is malformed");
  if (unreadable(id)) return;
  Known* known = find(id);
  const bool wants = known && (known->type == FileType::Regular || known->type == FileType::Symlink);
  if (!wants || known->object != 0) {
    erase_key(of_inode(id.inode) + ": there are inline contents that it does not have", bytes);
    return;
  }
  known->found_contents = true;
  if (known->size == value.size()) return;
  const auto resize = [&](InodeRecord& record) {
    record.attributes.size = record.attributes.space_used = value.size();
  };
  const std::string text = of_inode(id.inode) + ": its size is " + number(known->size) + ", its inline contents have " +
                           number(value.size()) + " bytes";
  if (fix_inode(text, id, resize)) known->size = value.size();
}

Result<void> DittoFsCheck::walk_orphans() {
  if (auto read = for_each(Tag::OrphanInode, [this](Bytes key, Bytes) { orphan(key); }); !read) return read;
  return for_each(Tag::OrphanObject, [this](Bytes key, Bytes) { orphan_object(key); });
}

void DittoFsCheck::orphan(Bytes bytes) {
  NodeId id;
  if (!key::parse_node(bytes, Tag::OrphanInode, id)) return problem("an orphan's key is malformed");
  Known* known = find(id);
  if (known && known->link_count == 0) {
    known->orphan = true;
    return;
  }
  erase_key(
      of_inode(id.inode) + (known ? ": it is listed as an orphan and has names" : ": there is only an orphan entry"),
      bytes);
}

void DittoFsCheck::orphan_object(Bytes bytes) {
  std::uint64_t object = 0;
  if (!key::parse_number(bytes, Tag::OrphanObject, object)) return problem("an orphan object's key is malformed");
  if (std::find(objects_.begin(), objects_.end(), object) != objects_.end()) {
    erase_key("object " + number(object) + ": it is listed as an orphan and belongs to a file", bytes);
    return;
  }
  objects_.push_back(object);
}

Result<void> DittoFsCheck::walk_entries() {
  return for_each(Tag::Entry, [this](Bytes key, Bytes value) { entry(key, value); });
}

void DittoFsCheck::entry(Bytes bytes, Bytes value) {
  NodeId directory;
  std::uint64_t entry_key = 0;
  if (!key::parse_node_and(bytes, Tag::Entry, directory, entry_key)) return problem("an entry's key is malformed");
  const auto record = decode_entry(value);
  const auto parent = directories_.find(directory.inode);
  if (!record) {
    if (parent != directories_.end()) ++parent->second.found_entries;
    return problem("directory " + number(directory.inode) + ": an entry cannot be read");
  }
  if (++summary_.entries % progress_every == 0) progress_(summary_);
  if (unreadable(directory)) return;
  const std::string which = "directory " + number(directory.inode) + ", entry " + quoted(record->name);
  if (directory.subvolume != 0 || parent == directories_.end()) {
    erase_key(which + ": there is no such directory", bytes);
    return;
  }
  if (unreadable({0, record->inode})) {
    ++parent->second.found_entries;
    if (record->type == FileType::Directory) ++parent->second.subdirectories;
    return;
  }
  Known* target = find({0, record->inode});
  if (!target) {
    erase_key(which + ": there is no inode " + number(record->inode), bytes);
    return;
  }
  const std::uint64_t chain = NameHash::chain_of(entry_key);
  if (chain_directory_ != directory.inode || chain_ != chain) chain_names_.clear();
  chain_directory_ = directory.inode;
  chain_ = chain;
  const bool twice = std::find(chain_names_.begin(), chain_names_.end(), record->name) != chain_names_.end();
  if (twice || chain != fs_.hash_.entry_chain(record->name)) {
    // Without it the inode has one name less, and comes to /lost+found if that was its last.
    erase_key(which + (twice ? ": the name is there twice" : ": it is not where its name belongs"), bytes);
    return;
  }
  if (!check_home(which, directory, bytes, *target)) return;
  chain_names_.emplace_back(record->name);
  if (target->type != record->type) {
    const EntryRecord right{.inode = record->inode, .type = target->type, .name = record->name};
    problem(which + ": it is of another type than its inode", [&](store::KvTransaction& kv) -> Result<void> {
      kv.put(bytes, encode(right));
      return {};
    });
  }
  if (target->type == FileType::Directory) {
    directory_entry(*target, directory, entry_key, *record);
    const auto& placed = directories_[target->inode];
    if (placed.parent != directory.inode || placed.entry_key != entry_key) return;
    ++parent->second.subdirectories;
  }
  ++target->names;
  ++parent->second.found_entries;
}

// A directory knows its one name; another name of it goes.
void DittoFsCheck::directory_entry(const Known& target, NodeId directory, std::uint64_t entry_key,
                                   const EntryRecord& record) {
  KnownDirectory& placed = directories_[target.inode];
  if (placed.parent == directory.inode && placed.entry_key == entry_key) {
    placed.in_place = true;
    return;
  }
  const std::string which = "directory " + number(directory.inode) + ", entry " + quoted(record.name);
  erase_key(which + ": directory " + number(target.inode) + " has its name elsewhere",
            key::entry(directory, entry_key).bytes());
}

Result<void> DittoFsCheck::walk_xattrs() {
  if (auto read = for_each(Tag::Xattr, [this](Bytes key, Bytes value) { xattr(key, value); }); !read) return read;
  for (const Known& known : known_) {
    if (known.has_xattrs == known.found_xattrs) continue;
    fix_inode(of_inode(known.inode) + ": its record is wrong about having extended attributes", {0, known.inode},
              [&](InodeRecord& record) { record.has_xattrs = known.found_xattrs; });
  }
  return {};
}

void DittoFsCheck::xattr(Bytes bytes, Bytes value) {
  NodeId id;
  std::uint64_t name_key = 0;
  if (!key::parse_node_and(bytes, Tag::Xattr, id, name_key)) return problem("an extended attribute's key is malformed");
  const auto record = decode_xattr(value);
  if (!record) return problem(of_inode(id.inode) + ": an extended attribute cannot be read");
  if (unreadable(id)) return;
  Known* known = find(id);
  const std::string which = of_inode(id.inode) + ", extended attribute " + quoted(record->name);
  if (!known) {
    erase_key(which + ": there is no such inode", bytes);
  } else if (NameHash::chain_of(name_key) != fs_.hash_.xattr_chain(record->name)) {
    erase_key(which + ": it is not where its name belongs", bytes);
  } else {
    known->found_xattrs = true;
  }
}

// Directories whose way up does not end in the root: their names, if they have one, are in each other.
Result<void> DittoFsCheck::find_unreachable() {
  if (const auto root = directories_.find(fs_.root_.inode); root != directories_.end()) {
    root->second.reaches_root = root->second.in_place = true;
  }
  for (std::size_t i = 0; i < known_.size(); ++i) {
    Known& known = known_[i];
    if (known.type != FileType::Directory || known.link_count == 0 || known.names == 0) continue;
    if (climb(known.inode)) continue;
    const std::string text = "directory " + number(known.inode) + ": no way leads up from it to the root";
    KnownDirectory& lost = directories_[known.inode];
    // Its name in the circle goes; then it has none.
    const bool cut = erase_key(text, key::entry({0, lost.parent}, lost.entry_key).bytes());
    if (!cut) continue;
    if (const auto parent = directories_.find(lost.parent); parent != directories_.end()) {
      --parent->second.found_entries;
      --parent->second.subdirectories;
    }
    --known.names;
    reconnect(known, "directory " + number(known.inode) + ": no name leads to it");
  }
  return {};
}

bool DittoFsCheck::climb(std::uint64_t inode) {
  std::vector<std::uint64_t> way;
  bool reaches = false;
  while (way.size() <= directories_.size()) {
    const auto at = directories_.find(inode);
    if (at == directories_.end() || !at->second.in_place) break;
    if (at->second.reaches_root) {
      reaches = true;
      break;
    }
    way.push_back(inode);
    inode = at->second.parent;
  }
  // What hangs below something that merely lost its name comes back with it.
  if (!reaches && way.size() <= directories_.size()) return true;
  for (const std::uint64_t each : way) directories_[each].reaches_root = reaches;
  return reaches;
}

Result<void> DittoFsCheck::compare_counts() {
  for (std::size_t i = 0; i < known_.size(); ++i) compare(known_[i]);
  // Last, because /lost+found and its entries may have come meanwhile.
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if (known_[i].type == FileType::Directory) compare_directory(known_[i], directories_[known_[i].inode]);
  }
  return {};
}

void DittoFsCheck::compare(Known& known) {
  if (known.role == NodeRole::StreamDirectory) return;  // no name leads to it
  const bool is_root = known.inode == fs_.root_.inode;
  const NodeId id{0, known.inode};
  const std::string which = of_inode(known.inode);
  if (known.link_count == 0 && known.names == 0) {
    if (known.orphan) return;
    problem(which + ": it has no names and is not listed as an orphan", [&](store::KvTransaction& kv) -> Result<void> {
      kv.put(key::orphan_inode(id), encode_number(0));
      return {};
    });
    return;
  }
  if (known.names == 0 && !is_root) return reconnect(known, which + ": no name leads to it");
  if (known.orphan) erase_key(which + ": it is listed as an orphan and has names", key::orphan_inode(id).bytes());
  if (known.type == FileType::Directory || known.link_count == known.names) return;
  const std::string text =
      which + ": its link count is " + number(known.link_count) + ", names found: " + number(known.names);
  fix_inode(text, id, [&](InodeRecord& record) { record.attributes.link_count = known.names; });
}

void DittoFsCheck::compare_directory(Known& known, KnownDirectory& directory) {
  const NodeId id{0, known.inode};
  const std::string which = "directory " + number(known.inode);
  const bool hidden = known.role == NodeRole::StreamDirectory;
  const bool removed = known.link_count == 0 && known.names == 0 && !hidden;
  const std::uint32_t links = removed ? 0 : 2 + directory.subdirectories;
  if (known.link_count != links) {
    fix_inode(which + ": its link count is " + number(known.link_count) + " instead of " + number(links), id,
              [&](InodeRecord& record) { record.attributes.link_count = links; });
  }
  if (directory.entries != directory.found_entries) {
    fix_inode(
        which + ": it claims " + number(directory.entries) + " entries and has " + number(directory.found_entries), id,
        [&](InodeRecord& record) { record.entries = directory.found_entries; });
  }
  if (hidden) compare_streams(directory);
}

Result<void> DittoFsCheck::compare_usage() {
  UsageRecord counted;
  for (const Known& known : known_) {
    ++counted.inodes;
    if (known.type != FileType::Directory) counted.bytes += known.size;
  }
  UsageRecord recorded;
  const auto read = fs_.kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto value = reader.get(key::usage());
        if (!value) return fail(value.error());
        if (const auto usage = decode_usage(value->value_or(Bytes{}))) recorded = *usage;
        return {};
      },
      Blocking::Allowed);
  if (!read || (recorded.inodes == counted.inodes && recorded.bytes == counted.bytes)) return read;
  const std::string text = "the usage counters say " + number(recorded.inodes) + " inodes with " +
                           number(recorded.bytes) + " bytes instead of " + number(counted.inodes) + " with " +
                           number(counted.bytes);
  problem(text, [&](store::KvTransaction& kv) -> Result<void> {
    kv.put(key::usage(), encode(counted));
    return {};
  });
  return {};
}

Result<void> DittoFsCheck::walk_objects() {
  std::sort(objects_.begin(), objects_.end());
  for (auto at = objects_.begin(); (at = std::adjacent_find(at, objects_.end())) != objects_.end(); ++at) {
    problem("object " + number(*at) + ": it belongs to more than one file");
  }
  std::vector<ObjectId> unknown;
  const auto visit = [&](ObjectId object, std::uint64_t) {
    if (++summary_.objects % progress_every == 0) progress_(summary_);
    if (!std::binary_search(objects_.begin(), objects_.end(), object)) unknown.push_back(object);
    return true;
  };
  if (auto read = fs_.data_.for_each(visit); !read) return read;
  for (const ObjectId object : unknown) tell_leftover(object);
  return {};
}

}  // namespace ditto::vfs
