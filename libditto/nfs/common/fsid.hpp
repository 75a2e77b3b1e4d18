// Which file system clients of every version see a node in. Pure, any thread.
#pragma once

#include <cstdint>

#include "gate/share.hpp"
#include "vfs/attributes.hpp"

namespace ditto::nfs {

/// The store, and within it the subvolume. Shares of one tree have one, so that a client that mounts both sees that a
/// file is the same.
inline std::uint64_t fsid_of(const vfs::Attributes& attributes, const gate::Share& share) noexcept {
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;  // odd, so that subvolumes stay apart
  return share.file_system().store_id() ^ (attributes.id.subvolume * spread);
}

}  // namespace ditto::nfs
