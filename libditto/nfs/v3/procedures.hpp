// The procedures of NFS version 3 (RFC 1813, 3.3), one function and one file each under procedures/; procedures.cpp
// puts them in the table. A handler answers every call with a result: failures are statuses, never exceptions. It runs
// on its connection's loop and reaches nodes through the gate only. The arguments outlive it.
#pragma once

#include "base/task.hpp"
#include "nfs/v3/arguments.hpp"
#include "nfs/v3/results.hpp"
#include "nfs/v3/service.hpp"
#include "rpc/call.hpp"

namespace ditto::nfs3 {

Task<void> null(Service& service, rpc::Call& call);
Task<GETATTR3res> getattr(Service& service, rpc::Call& call, const GETATTR3args& args);
Task<SETATTR3res> setattr(Service& service, rpc::Call& call, const SETATTR3args& args);
Task<LOOKUP3res> lookup(Service& service, rpc::Call& call, const LOOKUP3args& args);
Task<ACCESS3res> access(Service& service, rpc::Call& call, const ACCESS3args& args);
Task<READLINK3res> readlink(Service& service, rpc::Call& call, const READLINK3args& args);
Task<READ3res> read(Service& service, rpc::Call& call, const READ3args& args);
Task<WRITE3res> write(Service& service, rpc::Call& call, const WRITE3args& args);
Task<CREATE3res> create(Service& service, rpc::Call& call, const CREATE3args& args);
Task<MKDIR3res> mkdir(Service& service, rpc::Call& call, const MKDIR3args& args);
Task<SYMLINK3res> symlink(Service& service, rpc::Call& call, const SYMLINK3args& args);
Task<MKNOD3res> mknod(Service& service, rpc::Call& call, const MKNOD3args& args);
Task<REMOVE3res> remove(Service& service, rpc::Call& call, const REMOVE3args& args);
Task<RMDIR3res> rmdir(Service& service, rpc::Call& call, const RMDIR3args& args);
Task<RENAME3res> rename(Service& service, rpc::Call& call, const RENAME3args& args);
Task<LINK3res> link(Service& service, rpc::Call& call, const LINK3args& args);
Task<READDIR3res> readdir(Service& service, rpc::Call& call, const READDIR3args& args);
Task<READDIRPLUS3res> readdirplus(Service& service, rpc::Call& call, const READDIRPLUS3args& args);
Task<FSSTAT3res> fsstat(Service& service, rpc::Call& call, const FSSTAT3args& args);
Task<FSINFO3res> fsinfo(Service& service, rpc::Call& call, const FSINFO3args& args);
Task<PATHCONF3res> pathconf(Service& service, rpc::Call& call, const PATHCONF3args& args);
Task<COMMIT3res> commit(Service& service, rpc::Call& call, const COMMIT3args& args);

}  // namespace ditto::nfs3
