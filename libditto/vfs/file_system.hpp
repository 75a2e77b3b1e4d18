// FileSystem: the node-level interface that the gate sees, with nodes and names, and no paths but to be shown. DittoFs
// implements it over a KvStore and a DataStore; a host program may implement it to export anything it has. Only gate/
// calls it. Calls are synchronous and come from any thread; with Blocking::Never a call that would have to wait answers
// WouldBlock before it has any effect, and is made again, from the blocking pool, with Blocking::Allowed. Every
// mutation is atomic and reports the directories it changed before and after. Names are raw bytes; protocols that
// demand UTF-8 check it themselves.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/crypto.hpp"
#include "base/durable.hpp"
#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "store/data/data_store.hpp"
#include "vfs/access.hpp"
#include "vfs/acl/audit.hpp"
#include "vfs/attributes.hpp"
#include "vfs/change_observer.hpp"
#include "vfs/credential.hpp"
#include "vfs/node.hpp"

namespace ditto::vfs {

using store::Blocking;

/// What a call does to a node that it was not given, but finds by a name.
enum class NameChange : std::uint8_t {
  Unlink,     // the name goes, or means another node
  Rename,     // the name is another one
  OfAStream,  // a stream of it comes, goes, or is renamed
};

/// Whether a call may do that to the node. Asked within the change, when everything that it concerns is locked and all
/// that the file system itself could object to has been looked at; asked again when the change is made again. Does not
/// wait.
class Admission {
 public:
  virtual bool admit(Node& node, NameChange change) noexcept = 0;

 protected:
  ~Admission() = default;
};

/// One call's surroundings: who, when, whether it may wait, and, coming back, which change its answer rests on.
struct Context {
  const Credential& who;
  Timestamp now;
  Blocking blocking = Blocking::Never;
  /// By what right contents are read, written or cut.
  IoRights rights = IoRights::Checked;
  /// The share promises no more than that a killed process loses nothing, and a power cut the last moments: nothing
  /// has to be synced before the answer.
  bool async = false;
  /// Who admits to nodes that the call finds by their names. What it does not admit to is given up without effect:
  /// Delay.
  Admission* admission = nullptr;
  /// Who is told to have done it.
  ActorTag by{};
  /// Where what lists want recorded of the call is noted. Null: it is the server's own, which nobody records.
  AccessNotes* notes = nullptr;
  bool admits(Node& node, NameChange change) const noexcept { return !admission || admission->admit(node, change); }
  /// The greatest Lsn that this call wrote or saw. The reply leaves when it is durable; so do errors.
  Lsn token = 0;
  void depend(Lsn lsn) noexcept { token = std::max(token, lsn); }
  /// The greatest Lsn that the end of the process must not take from here on: an unstable write's.
  Lsn kept = 0;
  void keep(Lsn lsn) noexcept { kept = std::max(kept, lsn); }
};

struct Entry {
  NodeId id;
  Attributes attributes;
};

enum class NameMatch : std::uint8_t {
  Exact,       // NFS
  CaseFolded,  // SMB: the exact bytes if they are there, else the entry with the same folded name
};

/// How CREATE treats a name that is there (RFC 1813, 3.3.8). A file that is found stays as it is: whoever asked for
/// another size, as open(O_CREAT | O_TRUNC) does, sets it, where others may hold something on it.
enum class CreateMode : std::uint8_t { Unchecked, Guarded, Exclusive };

struct CreateRequest {
  FileType type = FileType::Regular;
  CreateMode mode = CreateMode::Guarded;  // anything but Guarded is for regular files
  SetAttributes attributes;    // owner and group default to the caller's (group to the directory's under set-gid)
  std::uint64_t verifier = 0;  // Exclusive: kept with the node, so that a retry after a restart finds its own file
  std::string_view symlink_target;
  Device device;
};

struct Created {
  Entry node;
  Change directory;
  bool existed = false;  // Unchecked or a repeated Exclusive found the file
};

struct Linked {
  Attributes node;
  Change directory;
};

enum class RemoveKind : std::uint8_t { NonDirectory, Directory, Any };

struct Removed {
  Attributes node;  // after; link_count 0 when it was the last name
  Change directory;
};

struct Renamed {
  Change from, to;  // the same values when both are one directory
  Attributes node;
  std::optional<NodeId> replaced;
};

struct ReadResult {
  BufferChain data;
  bool end_of_file = false;
  Attributes attributes;
};

enum class Stability : std::uint8_t { Unstable, DataSync, FileSync };  // numbered as stable_how (RFC 1813, 3.3.7)

struct WriteResult {
  std::uint32_t count = 0;
  Stability committed = Stability::Unstable;
  Change change;
};

/// What SEEK looks for.
enum class Content : std::uint8_t { Data, Hole };

struct Sought {
  std::uint64_t offset = 0;  // where it begins
  bool at_end = false;       // no more of it before the end of the file, which is `offset`; a hole begins there
  std::uint64_t size = 0;    // of the file
};

/// What clone() takes from where, by whose right: it may come by another share, and by another open.
struct CloneSource {
  Node& node;
  std::uint64_t offset = 0;
  const Credential& who;
  IoRights rights = IoRights::Checked;
};
/// What clone() can share begins, and but for the end of a file ends, at a multiple of it.
inline constexpr std::uint32_t clone_block_bytes = 4096;

struct DirectoryEntry {
  std::string_view name;  // valid during the visit
  NodeId id;
  FileType type;
  std::uint64_t cookie;          // continues behind this entry
  const Attributes* attributes;  // when asked for
  const Acl* acl = nullptr;      // its list, if it has one and attributes were asked for
};

struct ReaddirResult {
  bool end = false;
  Attributes directory;
};

struct FileSystemStatus {
  store::Space space;
};

/// What PATHCONF and FSINFO tell.
struct FileSystemLimits {
  std::uint32_t link_max = 0;
  std::uint32_t name_max = 255;
  std::uint64_t file_size_max = 0;
  bool case_insensitive = false;
  bool case_preserving = true;
  bool xattrs = false;  // whether nodes have extended attributes
  bool acls = false;    // and access control lists
};

enum class XattrMode : std::uint8_t { Either, Create, Replace };

/// As a DurableSource it says when the tokens of Context are durable.
class FileSystem : public DurableSource {
 public:
  virtual ~FileSystem() = default;

  virtual NodeId root() const noexcept = 0;
  /// The node in memory. Stale when it is gone or never was; WouldBlock when it must be fetched from a slow store.
  virtual Result<NodePin> pin(Context& context, NodeId id) = 0;
  /// An open keeps a node usable when its last name is removed, until it is released; without a hold a removed node is
  /// Stale. Counted. Stale when it is removed and nobody holds it already; WouldBlock.
  virtual Result<void> hold(Context&, Node&) { return {}; }
  virtual void release(Node&) noexcept {}

  virtual Result<Attributes> getattr(Context& context, Node& node) = 0;
  /// The part of `wanted` that the caller has.
  virtual Result<Access> access(Context& context, Node& node, Access wanted) = 0;
  /// The node's access control list; null where it has none, so that its mode alone decides. AccessDenied.
  virtual Result<std::shared_ptr<const Acl>> getacl(Context&, Node&) { return fail(Error::NotSupported); }
  /// `guard`: NotSync unless it equals the node's change time (RFC 1813, 3.3.2). Size changes follow the rules of
  /// truncate.
  virtual Result<Change> setattr(Context& context, Node& node, const SetAttributes& changes,
                                 const std::optional<Timestamp>& guard) = 0;

  /// A path, "/" first, from the directory `top` by which the node is known just now, for people to read: a file's by
  /// the name that it was last found by, a stream's is its file's. NotFound where none is known. Whatever the caller
  /// may see.
  virtual Result<std::string> path(Context&, Node&, NodeId /*top*/) { return fail(Error::NotFound); }

  /// "." is the directory itself, ".." its parent, the root's parent the root.
  virtual Result<Entry> lookup(Context& context, Node& directory, std::string_view name, NameMatch match) = 0;
  virtual Result<Created> create(Context& context, Node& directory, std::string_view name,
                                 const CreateRequest& request) = 0;
  virtual Result<Linked> link(Context& context, Node& node, Node& directory, std::string_view name) = 0;
  virtual Result<Removed> remove(Context& context, Node& directory, std::string_view name, RemoveKind kind) = 0;
  virtual Result<Renamed> rename(Context& context, Node& from, std::string_view from_name, Node& to,
                                 std::string_view to_name) = 0;
  /// Visits entries behind `cookie` (0: from the start, "." and ".." with cookies 1 and 2 first) until `visit` returns
  /// false. One pass over one view; an entry that visit refused comes again when continued. BadCookie; NotDirectory.
  virtual Result<ReaddirResult> readdir(Context& context, Node& directory, std::uint64_t cookie, bool with_attributes,
                                        FunctionRef<bool(const DirectoryEntry&)> visit) = 0;
  virtual Result<std::string> readlink(Context& context, Node& node) = 0;

  virtual Result<ReadResult> read(Context& context, Node& node, std::uint64_t offset, std::uint32_t count) = 0;
  virtual Result<WriteResult> write(Context& context, Node& node, std::uint64_t offset, const BufferChain& data,
                                    Stability stability) = 0;
  /// Makes earlier unstable writes durable. A count of 0 means to the end.
  virtual Result<Change> commit(Context& context, Node& node, std::uint64_t offset, std::uint64_t count) = 0;
  /// The first byte at or behind `offset` that is data, or is in a hole, by the rights of a read. Holes may be taken
  /// for data, never data for a hole.
  virtual Result<Sought> seek(Context&, Node&, std::uint64_t, Content) { return fail(Error::NotSupported); }
  /// Reserves room on the disk, so that no later write to the range lacks it; a file that ends before the range does
  /// grows to its end. Done for good when it returns, as deallocate() is. `length` is not 0. NoSpace; NotSupported when
  /// nothing can be promised.
  virtual Result<Change> allocate(Context&, Node&, std::uint64_t, std::uint64_t) { return fail(Error::NotSupported); }
  /// The range reads as zeros from here on, and gives its room back; the size stays.
  virtual Result<Change> deallocate(Context&, Node&, std::uint64_t, std::uint64_t) { return fail(Error::NotSupported); }
  /// The range of `to` gets the contents of as many bytes of another file, or of another part of it, all at once, and
  /// shares them where it can. A length of 0 is all that there is to the source's end; what then does not end with a
  /// block is followed by zeros to the block's end. Done for good when it returns. InvalidArgument: beyond the source's
  /// end, not at a block, or the ranges overlap. NotSupported.
  virtual Result<Change> clone(Context&, const CloneSource&, Node&, std::uint64_t, std::uint64_t) {
    return fail(Error::NotSupported);
  }
  /// Returns when changes up to `lsn` would survive the end of this process. Never waits for a disk.
  virtual Result<void> write_out(Lsn) { return {}; }
  /// Changes whenever unstable writes may have been lost (RFC 1813, 3.3.7).
  virtual std::uint64_t write_verifier() const noexcept = 0;

  virtual Result<FileSystemStatus> status(Context& context) = 0;
  virtual FileSystemLimits limits() const noexcept = 0;

  /// Extended attributes by name without a namespace prefix (RFC 8276). NoAttribute when absent or (Create) Exists.
  virtual Result<std::string> getxattr(Context& context, Node& node, std::string_view name) = 0;
  virtual Result<Change> setxattr(Context& context, Node& node, std::string_view name, Bytes value, XattrMode mode) = 0;
  virtual Result<Change> removexattr(Context& context, Node& node, std::string_view name) = 0;
  virtual Result<std::vector<std::string>> listxattr(Context& context, Node& node) = 0;

  /// Named streams (NFSv4 named attributes, SMB alternate data streams) of a file or directory are the entries of a
  /// directory beside the tree, which this gives: regular files in it that are made, opened, read, renamed and removed
  /// as others are, with the file's own owner and permissions. Its ".." is the file. NotFound where there are no
  /// streams and the directory is not to be made all the same; WrongType of streams and of the directory itself;
  /// NotSupported.
  virtual Result<Entry> stream_directory(Context&, Node&, bool /*make*/) { return fail(Error::NotSupported); }

  /// Which file system this is, stable for ever, and the key its filehandles are signed with.
  virtual std::uint64_t store_id() const noexcept = 0;
  virtual const crypto::SipHashKey& filehandle_key() const noexcept = 0;

  /// Who is told of every change from now on: made by `make` where there is nobody yet, and there as long as the file
  /// system. Null: it tells of none. Before the first change that is to be told.
  virtual ChangeObserver* observer(FunctionRef<std::unique_ptr<ChangeObserver>()>) { return nullptr; }

  /// Background work: write-back of sizes and times, reclaiming of removed files. Blocks; called from the pool about
  /// once a second.
  virtual void maintain(Timestamp now) = 0;
};

}  // namespace ditto::vfs
