// The check of access control lists: each that an inode names is there, readable and counted right, and there are no
// others.
#include <algorithm>

#include "vfs/ditto/check.hpp"
#include "vfs/ditto/list_records.hpp"

namespace ditto::vfs {
namespace {

std::string of_list(std::uint64_t id) { return "access control list " + std::to_string(id); }

}  // namespace

Result<void> DittoFsCheck::walk_lists() {
  if (auto read = for_each(Tag::List, [this](Bytes key, Bytes value) { list(key, value); }); !read) return read;
  const auto is_missing = [](const auto& list) { return list.second.inodes != 0 && !list.second.found; };
  if (std::ranges::any_of(lists_, is_missing)) {
    if (auto mended = find_without_list(); !mended) return mended;
  }
  const auto counts = for_each(Tag::ListCount, [this](Bytes key, Bytes value) { list_count(key, value); });
  for (const auto& [id, known] : lists_) {
    if (!known.found || known.counted || known.inodes == 0) continue;
    set_list_count(of_list(id) + ": it has no count", id, known.inodes);
  }
  return counts;
}

void DittoFsCheck::list(Bytes bytes, Bytes value) {
  std::uint64_t id = 0;
  if (!key::parse_number(bytes, Tag::List, id)) return problem("an access control list's key is malformed");
  if (!decode_list(value)) return problem(of_list(id) + ": it cannot be read");
  KnownList& known = lists_[id];
  known.found = true;
  if (known.inodes != 0) return;
  // An inode whose record cannot be read may have it.
  if (unreadable_.empty()) {
    erase_key(of_list(id) + ": no inode has it", bytes);
  } else {
    problem(of_list(id) + ": no inode has it");
  }
}

void DittoFsCheck::list_count(Bytes bytes, Bytes value) {
  std::uint64_t id = 0;
  if (!key::parse_number(bytes, Tag::ListCount, id)) return problem("the key of a list's count is malformed");
  KnownList& known = lists_[id];
  known.counted = true;
  const auto count = decode_number(value);
  if (known.inodes == 0 && unreadable_.empty()) {
    erase_key(of_list(id) + ": it is counted, and no inode has it", bytes);
  } else if (!count || *count != known.inodes) {
    const std::string counted = count ? std::to_string(*count) : "something unreadable";
    const std::string text =
        of_list(id) + ": its count is " + counted + ", inodes found: " + std::to_string(known.inodes);
    if (unreadable_.empty()) return set_list_count(text, id, known.inodes);
    problem(text);
  }
}

void DittoFsCheck::set_list_count(const std::string& text, std::uint64_t id, std::uint64_t count) {
  problem(text, [&](store::KvTransaction& kv) -> Result<void> {
    kv.put(key::list_count(id), encode_number(count));
    return {};
  });
}

// What the list denied is not known any more: nobody but the owner has permissions until somebody gives them.
Result<void> DittoFsCheck::find_without_list() {
  constexpr std::uint32_t of_others = 077;
  return for_each(Tag::Inode, [&](Bytes bytes, Bytes value) {
    NodeId id;
    if (!key::parse_node(bytes, Tag::Inode, id)) return;
    const auto record = decode_inode(value, id);
    if (!record || record->attributes.acl == 0) return;
    KnownList& known = lists_[record->attributes.acl];
    if (known.found) return;
    const std::string text = "inode " + std::to_string(id.inode) + ": its " + of_list(record->attributes.acl) +
                             " is missing, or cannot be read";
    const bool fixed = fix_inode(text, id, [&](InodeRecord& mended) {
      mended.attributes.acl = 0;
      mended.attributes.mode &= ~of_others;
    });
    if (fixed) --known.inodes;
  });
}

}  // namespace ditto::vfs
