// The checksums of objects as the KvStore keeps them: reading, finding and erasing records, and the list of files that
// are to be verified. What makes a record true is said in vfs/ditto/verifier.hpp. Inside views and transactions of the
// caller, on its thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "store/kv/kv_store.hpp"
#include "vfs/checksums.hpp"
#include "vfs/inode.hpp"
#include "vfs/keys.hpp"
#include "vfs/records.hpp"

namespace ditto::vfs {

/// As the end of a range of groups: however many there are.
inline constexpr std::uint64_t all_groups = ~std::uint64_t{0};
/// Records that one transaction erases at most.
inline constexpr std::uint64_t checksum_batch = 128;

/// The record of a group, or nothing: one that cannot be read speaks for nothing, as one that is not there.
Result<std::optional<GroupChecksums>> read_checksums(store::KvReader& reader, ObjectId object, std::uint64_t group);

/// Erases records of groups from `from` on and before `to`, as many as one transaction may; true when none is left.
Result<bool> erase_checksums(store::KvTransaction& kv, ObjectId object, std::uint64_t from, std::uint64_t to);

/// Puts the file, whose object is about to change or has, on the list of those that the Verifier looks at. The caller
/// notes it in the inode once the transaction is made.
inline void list_unverified(store::KvTransaction& kv, const Inode& inode) {
  if (!inode.listed) kv.put(key::unverified(inode.id()), encode_number(0));
}

}  // namespace ditto::vfs
