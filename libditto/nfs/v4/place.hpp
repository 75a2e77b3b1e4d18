// Where a filehandle of NFSv4 is: at a node of a share, or at the pseudo root, the directory above all shares that
// every client starts from (RFC 7530, 7; RFC 8881, 7). Between the bytes and that. Pure functions, any thread.
#pragma once

#include "base/result.hpp"
#include "gate/share.hpp"
#include "nfs/v4/types.hpp"
#include "rpc/call.hpp"
#include "vfs/attributes.hpp"

namespace ditto::nfs4 {

struct Place {
  const gate::Share* share = nullptr;  // null: the pseudo root
  vfs::NodeId node;

  bool is_pseudo_root() const noexcept { return share == nullptr; }
  bool is_share_root() const noexcept { return share && node == share->root(); }
};

nfs_fh4 filehandle_of(const Place& place) noexcept;

/// Where `filehandle` is, for whoever makes `call`: BadHandle, and Stale when its share is not exported, or not to the
/// caller. Whether the node still exists is seen when it is used.
Result<Place> place_of(const gate::Shares& shares, const rpc::Call& call, Bytes filehandle) noexcept;

}  // namespace ditto::nfs4
