// Words that all kinds of store share. Plain values.
#pragma once

#include <cstdint>

namespace ditto::store {

/// Whether a call may wait for a disk or a contended lock, or must answer WouldBlock, before any effect, instead.
enum class Blocking : bool { Never, Allowed };

/// Names an object of a DataStore.
using ObjectId = std::uint64_t;

}  // namespace ditto::store
