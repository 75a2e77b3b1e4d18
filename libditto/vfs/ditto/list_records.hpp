// Access control lists as the KvStore keeps them: each once, found by the hash of its bytes, beside the number of
// inodes that have it. Inside views and transactions of the caller, on its thread.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "base/small_vector.hpp"
#include "store/kv/kv_store.hpp"
#include "vfs/acl/acl.hpp"
#include "vfs/keys.hpp"

namespace ditto::vfs {

/// Corrupt when it is not there, since an inode says that it is.
Result<Acl> read_list(store::KvReader& reader, std::uint64_t id);

/// What one transaction changes about who has which list; written at its end.
class ListReferences {
 public:
  /// The id of a list with these contents, which is put into the store unless it is there. NoSpace.
  static Result<std::uint64_t> find_or_put(store::KvTransaction& kv, const NameHash& hash, const Acl& acl);

  void add(std::uint64_t id, std::int64_t inodes);
  bool empty() const noexcept { return changes_.empty(); }
  /// A list that nobody has any more goes.
  Result<void> write(store::KvTransaction& kv) const;

 private:
  struct Change {
    std::uint64_t id = 0;
    std::int64_t inodes = 0;
  };
  SmallVector<Change, 4> changes_;
};

}  // namespace ditto::vfs
