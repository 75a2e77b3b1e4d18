#include "vfs/keys.hpp"

#include "vfs/folding.hpp"

namespace ditto::vfs {
namespace key {
namespace {

constexpr std::size_t node_bytes = 12;

bool begins(Bytes key, Tag tag, std::size_t size) noexcept {
  return key.size() == size && key[0] == static_cast<std::byte>(tag);
}

NodeId node_at(const std::byte* from) noexcept {
  return {load_be<std::uint32_t>(from), load_be<std::uint64_t>(from + 4)};
}

}  // namespace

std::string name_of(Bytes key) {
  NodeId id;
  std::uint64_t number = 0;
  std::uint64_t group = 0;
  const auto of = [&](std::string_view what) { return std::string(what) + std::to_string(id.inode); };
  if (parse_node(key, Tag::Inode, id)) return of("the attributes of inode ");
  if (parse_node(key, Tag::Inline, id)) return of("the contents of inode ");
  if (parse_node(key, Tag::OrphanInode, id)) return of("a note on the removed inode ");
  if (parse_node_and(key, Tag::Entry, id, number)) return of("an entry of the directory with inode ");
  if (parse_node_and(key, Tag::Xattr, id, number)) return of("an extended attribute of inode ");
  if (parse_node(key, Tag::Unverified, id)) return of("a note on the unverified contents of inode ");
  if (parse_number(key, Tag::List, number)) return "access control list " + std::to_string(number);
  if (parse_number(key, Tag::ListCount, number)) return "the count of access control list " + std::to_string(number);
  if (parse_numbers(key, Tag::Checksums, number, group)) return "checksums of object " + std::to_string(number);
  if (parse_node_and(key, Tag::Extent, id, number)) return of("shared contents of inode ");
  const bool counts = parse_numbers(key, Tag::References, number, group);
  if (counts || parse_numbers(key, Tag::Unreferenced, number, group)) {
    return "who shares object " + std::to_string(number);
  }
  return "a record of the file system as a whole";
}

bool parse_node(Bytes key, Tag tag, NodeId& id) noexcept {
  if (!begins(key, tag, 1 + node_bytes)) return false;
  id = node_at(key.data() + 1);
  return true;
}

bool parse_node_and(Bytes key, Tag tag, NodeId& id, std::uint64_t& number) noexcept {
  if (!begins(key, tag, 1 + node_bytes + 8)) return false;
  id = node_at(key.data() + 1);
  number = load_be<std::uint64_t>(key.data() + 1 + node_bytes);
  return true;
}

bool parse_number(Bytes key, Tag tag, std::uint64_t& number) noexcept {
  if (!begins(key, tag, 1 + 8)) return false;
  number = load_be<std::uint64_t>(key.data() + 1);
  return true;
}

bool parse_numbers(Bytes key, Tag tag, std::uint64_t& first, std::uint64_t& second) noexcept {
  if (!begins(key, tag, 1 + 8 + 8)) return false;
  first = load_be<std::uint64_t>(key.data() + 1);
  second = load_be<std::uint64_t>(key.data() + 1 + 8);
  return true;
}

}  // namespace key

std::uint64_t NameHash::chain(std::string_view bytes) const noexcept {
  std::uint64_t hash = (crypto::siphash(key_, bytes_of(bytes)) >> (64 - 47)) & mask_;
  if (hash == 0) hash = 1;
  return hash << discriminator_bits;
}

std::uint64_t NameHash::entry_chain(std::string_view name) const noexcept { return chain(FoldedName(name).view()); }

std::uint64_t NameHash::xattr_chain(std::string_view name) const noexcept { return chain(name); }

std::uint64_t NameHash::list_chain(Bytes list) const noexcept { return chain(text_of(list)); }

}  // namespace ditto::vfs
