// How often each range of a shared object is in use, as the KvStore keeps it: extents of files count. What nobody has
// any more is noted, to be given back once that is durable; an object of which nothing is left becomes an orphan.
// Inside transactions of the caller, on its thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "store/kv/kv_store.hpp"
#include "vfs/keys.hpp"
#include "vfs/records.hpp"

namespace ditto::vfs {

/// One more extent has bytes [from, to) of the object. What nobody had before is had once from here on.
Result<void> add_reference(store::KvTransaction& kv, ObjectId object, std::uint64_t from, std::uint64_t to);
/// One extent less has them. Corrupt: there was none.
Result<void> drop_reference(store::KvTransaction& kv, ObjectId object, std::uint64_t from, std::uint64_t to);

}  // namespace ditto::vfs
