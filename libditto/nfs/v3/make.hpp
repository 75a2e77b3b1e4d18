// What CREATE, MKDIR, SYMLINK and MKNOD have in common: a new name in a directory. Runs on the caller's loop.
#pragma once

#include "base/task.hpp"
#include "nfs/v3/results.hpp"
#include "nfs/v3/service.hpp"
#include "rpc/call.hpp"
#include "vfs/file_system.hpp"

namespace ditto::nfs3 {

/// A request for a node of `type` with `attributes`. InvalidArgument, FileTooBig.
Result<vfs::CreateRequest> request_of(vfs::FileType type, const sattr3& attributes) noexcept;

/// Makes `where` as `request` says; a request that failed fails the call, with the directory's attributes told.
Task<CREATE3res> make(Service& service, rpc::Call& call, const diropargs3& where,
                      const Result<vfs::CreateRequest>& request);

}  // namespace ditto::nfs3
