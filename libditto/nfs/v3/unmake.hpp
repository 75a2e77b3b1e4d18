// What REMOVE and RMDIR have in common: a name that leaves its directory. Runs on the caller's loop.
#pragma once

#include "base/task.hpp"
#include "nfs/v3/results.hpp"
#include "nfs/v3/service.hpp"
#include "rpc/call.hpp"
#include "vfs/file_system.hpp"

namespace ditto::nfs3 {

/// Takes `object` away; `name` is what its name was found to be.
Task<REMOVE3res> unmake(Service& service, rpc::Call& call, const diropargs3& object, Result<void> name,
                        vfs::RemoveKind kind);

}  // namespace ditto::nfs3
