// The way from a node up to the root, by what the store says of names. Any thread that may read the store.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "store/kv/kv_store.hpp"
#include "vfs/change_observer.hpp"

namespace ditto::vfs {

/// A tree can be deeper; whoever looks from further down is told that there is more.
inline constexpr std::size_t max_depth = 512;

/// The name of `node` in `directory` by the key of its entry there. Nothing: it has none by that key.
Result<std::optional<NamedIn>> name_of(store::KvReader& reader, NodeId directory, std::uint64_t entry_key, NodeId node);

enum class Climbed : std::uint8_t {
  ToTop,
  Aside,    // to what is not in the tree, or not any more: it was removed, and is only held
  PartWay,  // there is more
  Failed,   // it could not be read
};

/// `most` steps of the way from a directory up to `top` go behind what is in `path`; Failed, too, where `top` is not
/// above.
Climbed climb(store::KvReader& reader, NodeId directory, NodeId top, std::size_t most, std::vector<NamedIn>& path);

}  // namespace ditto::vfs
