// Attributes as they are now, for replies whose procedure did not learn them on its way: above all for failures, after
// which RFC 1813 (2.6, wcc_data) still wants to tell what the node looks like. Awaits the gate on the
// caller's loop.
#pragma once

#include "base/task.hpp"
#include "nfs/common/entrance.hpp"
#include "nfs/v3/types.hpp"

namespace ditto::nfs3 {

/// Absent when the node is gone or cannot be read.
Task<post_op_attr> attributes_now(nfs::Entrance& entrance, vfs::NodeId node);
/// Of a node that a failed procedure left as it was: nothing before, since nothing was atomic with it.
Task<wcc_data> wcc_now(nfs::Entrance& entrance, vfs::NodeId node);

}  // namespace ditto::nfs3
