// The check of a whole DittoFs store: walks every record and every object, compares what each says of the others, tells
// what does not fit, and mends what can be mended without guessing. Records that cannot be decoded are told and left
// alone: they may be worth more to whoever looks at them. It remembers some sixty bytes an inode. Nothing else may use
// the file system meanwhile. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {

class DittoFsCheck {
 public:
  DittoFsCheck(DittoFs& fs, const CheckRequest& request, FunctionRef<void(std::string_view)> line,
               FunctionRef<void(const CheckSummary&)> progress)
      : fs_(fs), repair_(request.repair), contents_(request.contents), line_(line), progress_(progress) {}

  Result<CheckSummary> run();

 private:
  struct Known {
    std::uint64_t inode = 0;
    ObjectId object = 0;
    std::uint64_t size = 0;
    std::uint64_t checksum_groups = 0;
    std::uint64_t streams = 0;  // as recorded
    std::uint32_t link_count = 0;
    std::uint32_t names = 0;
    FileType type = FileType::Regular;
    NodeRole role = NodeRole::InTree;
    bool has_streams = false;
    bool has_xattrs = false, found_xattrs = false, found_contents = false, orphan = false;
    bool unverified = false;  // listed as such
  };
  struct KnownDirectory {
    std::uint64_t parent = 0, entry_key = 0;
    std::uint64_t entries = 0;        // as recorded
    std::uint64_t found_entries = 0;  // as found
    std::uint32_t subdirectories = 0;
    bool in_place = false;  // an entry is where the record says
    bool reaches_root = false;
  };

  // check.cpp: the passes, in this order.
  Result<void> verify_values();
  Result<void> walk_inodes();
  Result<void> match_streams();
  Result<void> walk_contents();
  Result<void> walk_orphans();
  Result<void> walk_entries();
  Result<void> walk_xattrs();
  Result<void> walk_lists();
  Result<void> find_unreachable();
  Result<void> compare_counts();
  Result<void> compare_usage();
  Result<void> walk_objects();
  Result<void> walk_unverified();
  Result<void> walk_checksums();
  Result<void> compare_contents();

  void inode(Bytes key, Bytes value);
  void contents(Bytes key, Bytes value);
  void orphan(Bytes key);
  void orphan_object(Bytes key);
  void entry(Bytes key, Bytes value);
  void directory_entry(const Known& target, NodeId directory, std::uint64_t entry_key, const EntryRecord& record);
  void xattr(Bytes key, Bytes value);
  void compare(Known& known);
  void compare_directory(Known& known, KnownDirectory& directory);
  bool climb(std::uint64_t inode);

  // check_streams.cpp.
  void check_claim(Known& file);
  bool belongs_to_file(const Known& directory);
  bool check_home(const std::string& which, NodeId directory, Bytes key, Known& target);
  void compare_streams(const KnownDirectory& directory);
  // check_lists.cpp.
  void list(Bytes key, Bytes value);
  void list_count(Bytes key, Bytes value);
  Result<void> find_without_list();
  void set_list_count(const std::string& text, std::uint64_t id, std::uint64_t count);

  // check_contents.cpp.
  void unverified(Bytes key);
  void checksums(Bytes key, Bytes value);
  struct Comparison;
  void compare_file(const Known& known);
  void compare_group(Comparison& file, std::uint64_t group, const GroupChecksums& checksums);
  void tell_damage(Comparison& file);
  void count_unverified(Comparison& file, std::uint64_t to);

  Known* find(NodeId id) noexcept;
  /// The inode that has the object, once all objects are known.
  const Known* owner(ObjectId object) const noexcept;
  /// Whether there is a record of `id` that could not be read: what refers to it is left alone too.
  bool unreadable(NodeId id) const noexcept;

  /// Calls `visit` for every record in a range, or with `tag`, that can be read, outside of any view, so that it may
  /// write.
  Result<void> for_each(const Key& from, const Key& to, FunctionRef<void(Bytes key, Bytes value)> visit);
  Result<void> for_each(Tag tag, FunctionRef<void(Bytes key, Bytes value)> visit) {
    return for_each(Key(tag), key::end_of(tag), visit);
  }

  // check_repair.cpp.
  using Fix = FunctionRef<Result<void>(store::KvTransaction&)>;
  /// Tells a problem; `fix` is run when this check repairs.
  bool problem(const std::string& text, Fix fix);
  void problem(const std::string& text);
  bool fix_inode(const std::string& text, NodeId id, FunctionRef<void(InodeRecord&)> change);
  bool erase_key(const std::string& text, Bytes key);
  /// Gives an inode that no name leads to one in /lost+found.
  void reconnect(Known& known, const std::string& text);
  Result<NodeId> lost_and_found(store::KvTransaction& kv);
  void tell_leftover(ObjectId object);
  void tell_leftover(const std::string& text, Bytes key);

  DittoFs& fs_;
  const bool repair_, contents_;
  FunctionRef<void(std::string_view)> line_;
  FunctionRef<void(const CheckSummary&)> progress_;

  CheckSummary summary_;
  std::vector<Known> known_;  // by inode number
  std::unordered_map<std::uint64_t, KnownDirectory> directories_;
  struct KnownList {
    std::uint64_t inodes = 0;  // that have it
    bool found = false, counted = false;
  };
  std::unordered_map<std::uint64_t, KnownList> lists_;  // that inodes have, or that there are
  std::vector<std::string> damaged_;                    // keys of values that are not what was written, in order
  std::vector<NodeId> unreadable_;
  std::vector<ObjectId> objects_;    // that inodes or orphans refer to; sorted when complete
  std::vector<std::size_t> owners_;  // indices into known_ of those with objects, by object
  std::vector<std::byte> chunk_;
  std::vector<std::string> chain_names_;
  std::uint64_t chain_directory_ = 0, chain_ = 0;  // whose names those are
};

}  // namespace ditto::vfs
