// The procedures of MOUNT version 3 (RFC 1813, appendix I, 5.2), one function and one file each under procedures/;
// procedures.cpp puts them in the table. Handlers run on their connection's loop and reach nodes through the gate only.
#pragma once

#include "base/task.hpp"
#include "nfs/mount/service.hpp"
#include "nfs/mount/types.hpp"
#include "rpc/call.hpp"

namespace ditto::mount {

Task<void> null(Service& service, rpc::Call& call);
Task<mountres3> mnt(Service& service, rpc::Call& call, const MNTargs& args);
Task<mountlist> dump(Service& service, rpc::Call& call);
Task<void> umnt(Service& service, rpc::Call& call, const UMNTargs& args);
Task<void> umntall(Service& service, rpc::Call& call);
Task<exports> export_(Service& service, rpc::Call& call);

}  // namespace ditto::mount
