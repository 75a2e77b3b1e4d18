// The procedures of the lock manager (XNFS, chapters 10 and 14), one function and one file each under procedures/, all
// in the types of version 4; procedures.cpp puts them in the tables of every version. Handlers run on their call's loop
// and reach nodes through the gate only. The arguments outlive them.
#pragma once

#include "base/task.hpp"
#include "nfs/nlm/service.hpp"
#include "nfs/nlm/types.hpp"
#include "rpc/call.hpp"

namespace ditto::nlm {

Task<void> null(Service& service, rpc::Call& call);
Task<nlm4_testres> test(Service& service, rpc::Call& call, const nlm4_testargs& args);
Task<nlm4_res> lock(Service& service, rpc::Call& call, const nlm4_lockargs& args);
Task<nlm4_res> cancel(Service& service, rpc::Call& call, const nlm4_cancargs& args);
Task<nlm4_res> unlock(Service& service, rpc::Call& call, const nlm4_unlockargs& args);
Task<nlm4_res> granted(Service& service, rpc::Call& call, const nlm4_testargs& args);
Task<void> test_msg(Service& service, rpc::Call& call, const nlm4_testargs& args);
Task<void> lock_msg(Service& service, rpc::Call& call, const nlm4_lockargs& args);
Task<void> cancel_msg(Service& service, rpc::Call& call, const nlm4_cancargs& args);
Task<void> unlock_msg(Service& service, rpc::Call& call, const nlm4_unlockargs& args);
Task<void> granted_msg(Service& service, rpc::Call& call, const nlm4_testargs& args);
Task<void> test_res(Service& service, rpc::Call& call, const nlm4_testres& result);
Task<void> lock_res(Service& service, rpc::Call& call, const nlm4_res& result);
Task<void> cancel_res(Service& service, rpc::Call& call, const nlm4_res& result);
Task<void> unlock_res(Service& service, rpc::Call& call, const nlm4_res& result);
Task<void> granted_res(Service& service, rpc::Call& call, const nlm4_res& result);
Task<nlm4_shareres> share(Service& service, rpc::Call& call, const nlm4_shareargs& args);
Task<nlm4_shareres> unshare(Service& service, rpc::Call& call, const nlm4_shareargs& args);
Task<nlm4_res> nm_lock(Service& service, rpc::Call& call, const nlm4_lockargs& args);
Task<void> free_all(Service& service, rpc::Call& call, const nlm4_notify& args);

}  // namespace ditto::nlm
