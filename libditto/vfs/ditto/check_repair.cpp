// How a check tells what it found, and what it does about it.
#include "vfs/ditto/check.hpp"
#include "vfs/folding.hpp"

namespace ditto::vfs {
namespace {

constexpr std::string_view lost_and_found_name = "lost+found";
constexpr std::uint32_t lost_and_found_mode = 0700;

}  // namespace

bool DittoFsCheck::problem(const std::string& text, Fix fix) {
  ++summary_.problems;
  if (!repair_) {
    line_(text);
    return false;
  }
  const auto fixed = fs_.kv_.transact(fix, Blocking::Allowed);
  const bool durable = fixed && fs_.kv_.wait_durable(*fixed);
  if (durable) ++summary_.repaired;
  line_(text + (durable ? "; repaired" : "; it could not be repaired"));
  return durable;
}

void DittoFsCheck::problem(const std::string& text) {
  ++summary_.problems;
  line_(text);
}

bool DittoFsCheck::fix_inode(const std::string& text, NodeId id, FunctionRef<void(InodeRecord&)> change) {
  return problem(text, [&](store::KvTransaction& kv) -> Result<void> {
    auto record = read_inode(kv, id);
    if (!record) return fail(record.error());
    if (!*record) return fail(Error::Corrupt);
    change(**record);
    kv.put(key::inode(id), encode(**record));
    return {};
  });
}

bool DittoFsCheck::erase_key(const std::string& text, Bytes key) {
  return problem(text, [&](store::KvTransaction& kv) -> Result<void> {
    kv.erase(key);
    return {};
  });
}

void DittoFsCheck::tell_leftover(ObjectId object) {
  ++summary_.leftovers;
  const std::string text = "object " + std::to_string(object) + ": no file has it, as after a crash";
  // It may be the contents of an inode whose record cannot be read.
  if (!repair_ || !unreadable_.empty()) return line_(text);
  line_(text + (fs_.data_.remove(object) ? "; removed" : "; it could not be removed"));
}

void DittoFsCheck::tell_leftover(const std::string& text, Bytes key) {
  ++summary_.leftovers;
  if (!repair_ || !unreadable_.empty()) return line_(text);
  const auto erased = fs_.kv_.transact(
      [&](store::KvTransaction& kv) -> Result<void> {
        kv.erase(key);
        return {};
      },
      Blocking::Allowed);
  line_(text + (erased && fs_.kv_.wait_durable(*erased) ? "; removed" : "; it could not be removed"));
}

/// The directory, made when it is not there; its bookkeeping here is brought up to date with it.
Result<NodeId> DittoFsCheck::lost_and_found(store::KvTransaction& kv) {
  const auto found = search_entries(kv, fs_.hash_, fs_.root_, lost_and_found_name);
  if (!found) return fail(found.error());
  if (found->exact && found->exact->type == FileType::Directory) return found->exact->id;
  if (found->exact || !found->free_key) return fail(Error::Exists);
  const auto number = fs_.inode_numbers_.take();
  auto root = read_inode(kv, fs_.root_);
  if (!number || !root || !*root) return fail(Error::NoSpace);
  InodeRecord made;
  Attributes& a = made.attributes;
  a = (*root)->attributes;
  a.id = {0, *number};
  a.mode = lost_and_found_mode;
  a.acl = 0;
  a.owner = a.group = Principal::id(0);
  a.link_count = 2;
  made.parent = fs_.root_.inode;
  made.entry_key = *found->free_key;
  kv.put(key::inode(a.id), encode(made));
  const EntryRecord entry{.inode = *number, .type = FileType::Directory, .name = lost_and_found_name};
  kv.put(key::entry(fs_.root_, *found->free_key), encode(entry));
  return a.id;
}

void DittoFsCheck::reconnect(Known& known, const std::string& text) {
  const std::uint64_t inode = known.inode;
  const FileType type = known.type;
  const std::string name = "#" + std::to_string(inode);
  NodeId home;
  std::uint64_t entry_key = 0;
  const bool done = problem(text, [&](store::KvTransaction& kv) -> Result<void> {
    const auto folder = lost_and_found(kv);
    if (!folder) return fail(folder.error());
    const auto found = search_entries(kv, fs_.hash_, *folder, name);
    if (!found) return fail(found.error());
    auto record = read_inode(kv, {0, inode});
    if (!record || !*record || found->exact || !found->free_key) return fail(Error::Corrupt);
    home = *folder;
    entry_key = *found->free_key;
    if ((*record)->is_directory()) {
      (*record)->parent = home.inode;
      (*record)->entry_key = entry_key;
    } else {
      (*record)->attributes.link_count = 1;
      // A stream whose file is gone is a file.
      if (!(*record)->in_tree()) (*record)->streams = 0;
      (*record)->attributes.role = NodeRole::InTree;
    }
    kv.put(key::inode({0, inode}), encode(**record));
    kv.put(key::entry(home, entry_key), encode(EntryRecord{.inode = inode, .type = type, .name = name}));
    return {};
  });
  if (!done) return;
  known.names = 1;
  if (type != FileType::Directory) known.link_count = 1;
  if (!find(home)) {
    // New numbers are above all others, so the list stays sorted.
    ++summary_.inodes;
    known_.push_back({.inode = home.inode, .link_count = 2, .names = 1, .type = FileType::Directory});
    KnownDirectory& made = directories_[home.inode];
    made.parent = fs_.root_.inode;
    made.in_place = made.reaches_root = true;
    KnownDirectory& root = directories_[fs_.root_.inode];
    ++root.found_entries;
    ++root.subdirectories;
  }
  KnownDirectory& folder = directories_[home.inode];
  ++folder.found_entries;
  if (type != FileType::Directory) return;
  ++folder.subdirectories;
  KnownDirectory& placed = directories_[inode];
  placed.parent = home.inode;
  placed.entry_key = entry_key;
  placed.in_place = placed.reaches_root = true;
}

}  // namespace ditto::vfs
