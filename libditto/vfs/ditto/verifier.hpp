// Verifier: gives the contents of quiet files their checksums, a little at a time, behind the requests. It walks the
// list of files whose objects changed; one that nobody wrote to for a while it syncs, reads and records, group by
// group. It keeps at most one file pinned between its runs, and the table of inodes as it found it. Owned by the
// DittoFs, whose maintenance runs it; one run at a time, and no request waits for one.
//
// What makes a record true: the bytes that it covers are durable and what it says they are, as long as it may be
// durable itself. So the object is synced and read before the record is put, under the inode's mutex and only if
// nothing was written since; and whoever changes bytes erases the record and waits until that is durable
// (unverify.cpp). Of records only those of groups below InodeRecord::checksum_groups count: cutting off a huge file
// lowers that number, and what is left behind it is erased here before the number grows again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "vfs/attributes.hpp"
#include "vfs/checksums.hpp"
#include "vfs/ditto/step.hpp"
#include "vfs/node_table.hpp"

namespace ditto::vfs {

class DittoFs;

class Verifier {
 public:
  explicit Verifier(DittoFs& fs) : fs_(fs), chunk_(chunk_bytes) {}

  /// Does some of what is due at `now`, and goes on with it the next time. Blocks.
  void run(Timestamp now);

 private:
  /// A file that is being verified.
  struct Pass {
    InodePin inode;
    ObjectId object = 0;
    std::uint64_t size = 0;
    std::uint64_t changes = 0;  // Inode::object_changes when it began
    std::uint64_t group = 0;    // comes next

    /// Nothing has changed since; the caller holds the inode's mutex.
    bool holds() const noexcept;
  };
  class Budget;

  bool is_quiet(const Attributes& attributes, Timestamp now) const noexcept;
  bool look_for_quiet(Timestamp now);
  void begin(NodeId id, Timestamp now);
  void go_on(Budget& budget);
  Result<std::uint64_t> next_group(const Pass& pass, std::uint64_t from);
  Result<std::optional<GroupChecksums>> checksums_of(Pass& pass, Budget& budget);
  Result<Bytes> read_chunk(const Pass& pass, std::uint64_t offset);
  void tell_damage(Pass& pass, std::uint64_t offset, std::uint64_t end);
  bool record(Pass& pass, const std::optional<GroupChecksums>& made, bool last);
  Result<bool> put(Step& step, Draft& draft, const Pass& pass, const std::optional<GroupChecksums>& made, bool last);
  void forget_visitors();

  DittoFs& fs_;
  std::mutex mutex_;  // held by a run; guards the rest
  NodeId cursor_;     // of the list: those up to here were looked at in this round
  std::vector<NodeId> quiet_;
  std::optional<Pass> pass_;
  std::vector<NodeId> visitors_;  // inodes that only the Verifier brought into the table
  std::vector<std::byte> chunk_;
};

}  // namespace ditto::vfs
