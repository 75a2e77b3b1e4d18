#include "vfs/ditto/way_up.hpp"

#include "vfs/ditto/step.hpp"

namespace ditto::vfs {

Result<std::optional<NamedIn>> name_of(store::KvReader& reader, NodeId directory, std::uint64_t entry_key,
                                       NodeId node) {
  const auto value = reader.get(key::entry(directory, entry_key));
  if (!value) return fail(value.error());
  if (!*value) return std::nullopt;
  const auto entry = decode_entry(**value);
  if (!entry) return fail(entry.error());
  if (entry->inode != node.inode) return std::nullopt;
  return NamedIn{directory, std::string(entry->name)};
}

Climbed climb(store::KvReader& reader, NodeId directory, NodeId top, std::size_t most, std::vector<NamedIn>& path) {
  for (NodeId at = directory; at != top; --most) {
    if (most == 0) return Climbed::PartWay;
    const auto record = read_inode(reader, at);
    if (!record) return Climbed::Failed;
    // No way leads up from beside the tree.
    if (*record && !(*record)->in_tree()) return Climbed::Aside;
    if (!*record || (*record)->attributes.link_count == 0) return Climbed::Aside;
    auto named = name_of(reader, (*record)->parent_id(), (*record)->entry_key, at);
    if (!named || !*named) return Climbed::Failed;
    at = (*named)->directory;
    path.push_back(*std::move(*named));
  }
  return Climbed::ToTop;
}

}  // namespace ditto::vfs
