// The passes over named streams: each directory of streams is that of the file that says so, and the other way round;
// nothing but streams is in one, and they are nowhere else.
#include <algorithm>

#include "vfs/ditto/check.hpp"

namespace ditto::vfs {

Result<void> DittoFsCheck::match_streams() {
  for (Known& known : known_) {
    if (known.role == NodeRole::InTree && known.streams != 0) check_claim(known);
  }
  std::vector<std::uint64_t> gone;
  for (const Known& known : known_) {
    if (known.role == NodeRole::StreamDirectory && !belongs_to_file(known)) gone.push_back(known.inode);
  }
  // Its entries are told next, and the streams come to /lost+found.
  for (const std::uint64_t inode : gone) directories_.erase(inode);
  std::erase_if(known_, [&](const Known& known) { return std::ranges::binary_search(gone, known.inode); });
  return {};
}

/// What a file says of a directory of its streams.
void DittoFsCheck::check_claim(Known& file) {
  const NodeId id{0, file.streams};
  if (unreadable(id)) return;
  const Known* directory = find(id);
  const std::string which = "inode " + std::to_string(file.inode);
  if (directory && directory->role == NodeRole::StreamDirectory) {
    KnownDirectory& known = directories_[id.inode];
    if (known.parent == file.inode) return;
    const Known* other = find({0, known.parent});
    if (!other || other->streams != id.inode) {
      fix_inode(which + ": the directory of its streams is said to be that of another", id,
                [&](InodeRecord& record) { record.parent = file.inode; });
      known.parent = file.inode;
      return;
    }
  }
  fix_inode(which + ": the directory of its streams is missing", {0, file.inode}, [](InodeRecord& record) {
    record.streams = 0;
    record.attributes.has_streams = false;
  });
  file.streams = 0;
  file.has_streams = false;
}

/// False: it belonged to none, and is erased.
bool DittoFsCheck::belongs_to_file(const Known& directory) {
  const NodeId id{0, directories_[directory.inode].parent};
  if (unreadable(id)) return true;
  Known* file = find(id);
  if (file && file->streams == directory.inode) return true;
  const std::string which = "directory " + std::to_string(directory.inode);
  const bool may_have = file && file->role == NodeRole::InTree && file->streams == 0 &&
                        (file->type == FileType::Regular || file->type == FileType::Directory);
  if (may_have) {
    fix_inode(which + ": the file whose streams it has does not know it", id,
              [&](InodeRecord& record) { record.streams = directory.inode; });
    file->streams = directory.inode;
    return true;
  }
  return !erase_key(which + ": there is no file whose streams it has", key::inode({0, directory.inode}));
}

/// False: `target` has no business in that directory, and its name there goes.
bool DittoFsCheck::check_home(const std::string& which, NodeId directory, Bytes key, Known& target) {
  const Known* home = find(directory);
  const bool of_streams = home && home->role == NodeRole::StreamDirectory;
  const bool is_stream = target.role == NodeRole::Stream;
  if (target.role == NodeRole::StreamDirectory || of_streams != is_stream) {
    erase_key(which + (of_streams ? ": it is no stream" : ": it is beside the tree, and no name may lead to it"), key);
    return false;
  }
  const std::uint64_t file = directories_[directory.inode].parent;
  if (is_stream && target.streams != file) {
    fix_inode("inode " + std::to_string(target.inode) + ": it is said to be a stream of another file",
              {0, target.inode}, [&](InodeRecord& record) { record.streams = file; });
    target.streams = file;
  }
  return true;
}

/// Whether the file knows that it has some.
void DittoFsCheck::compare_streams(const KnownDirectory& directory) {
  const Known* file = find({0, directory.parent});
  const bool has = directory.found_entries != 0;
  if (!file || file->has_streams == has) return;
  fix_inode("inode " + std::to_string(file->inode) + ": its record is wrong about having streams", {0, file->inode},
            [&](InodeRecord& record) { record.attributes.has_streams = has; });
}

}  // namespace ditto::vfs
