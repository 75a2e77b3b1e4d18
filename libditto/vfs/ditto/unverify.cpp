// Before bytes of an object change, nothing durable may speak for them: their checksums go first. A crash in between
// leaves a group unverified, never one that looks rotten.
#include <algorithm>

#include "vfs/ditto/checksum_records.hpp"
#include "vfs/ditto/write.hpp"

namespace ditto::vfs {
namespace {

// What `add` says too; one range, since writers work on one place of a file at a time or on all of it.
void remember(Inode::Unverified& known, const Inode::Unverified& add) noexcept {
  const bool touch = add.from <= known.to && known.from <= add.to;
  if (!touch) {
    known = add;
    return;
  }
  known = {.from = std::min(known.from, add.from),
           .to = std::max(known.to, add.to),
           .since = std::max(known.since, add.since)};
}

}  // namespace

/// Makes sure that no checksum speaks for a range any more, and remembers it. The bytes may change once the Lsn that it
/// gives is durable. The caller holds the inode's mutex.
Result<Lsn> DittoFs::unverify(Context& context, Inode& inode, std::uint64_t from, std::uint64_t to) {
  const InodeRecord record = inode.state().record;
  const std::uint64_t end = record.checksum_groups;
  if (from >= std::min(to, end * group_bytes)) return 0;
  if (inode.unverified.has(from, to)) return inode.unverified.since;
  const std::uint64_t first = group_of(from), last = group_of(to - 1);
  // From the write's first group up to the next that has a record: most writes find none at all, and never look again.
  Inode::Unverified free{.from = first * group_bytes, .to = ~std::uint64_t{0}};
  const auto visit = [&](Bytes bytes, Bytes value) {
    std::uint64_t object = 0, group = 0;
    if (!key::parse_numbers(bytes, Tag::Checksums, object, group)) return true;
    const auto checksums = decode_checksums(value);
    const std::uint64_t start = group * group_bytes;
    const std::uint64_t covered_to = start + (checksums ? checksums->covered : group_bytes);
    if (covered_to > from) {
      free.to = start;
      return false;
    }
    // Appending to what is verified leaves it so.
    free.from = covered_to;
    return true;
  };
  const auto looked = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto scanned =
            reader.scan(key::checksums(record.object, first), key::checksums(record.object, end), visit);
        free.since = reader.seen();
        return scanned;
      },
      context.blocking);
  if (!looked && looked.error() != Error::Corrupt) return fail(looked.error());
  if (looked && free.has(from, to)) {
    remember(inode.unverified, free);
    return free.since;
  }
  if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  const auto erased = transact(
      context,
      [&](Step& step) -> Result<void> {
        for (std::uint64_t group = first; group <= last; ++group) {
          step.kv().erase(key::checksums(record.object, group));
        }
        list_unverified(step.kv(), inode);
        return {};
      },
      Publish::Unstable);
  if (!erased) return fail(erased.error());
  inode.listed = true;
  remember(inode.unverified, {.from = first * group_bytes, .to = (last + 1) * group_bytes, .since = erased->lsn});
  return erased->lsn;
}

/// The lock of an inode that is to be written, once the bytes may change. The disk is waited for without it.
Result<InodeLocks> DittoFs::lock_to_write(Context& context, Inode& inode, const Write& write) {
  for (;;) {
    auto locks = lock(context, {&inode});
    // A write that will be refused takes nothing away.
    if (!locks || !check_io(context, inode.view().guarded(), writing)) return locks;
    const auto since = unverify(context, inode, write.offset, write.end());
    if (!since) return fail(since.error());
    if (*since <= kv_.durable()) return locks;
    if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
    locks->release();
    if (auto durable = kv_.wait_durable(*since); !durable) return fail(durable.error());
  }
}

}  // namespace ditto::vfs
