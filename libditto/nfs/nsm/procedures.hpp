// The procedures of the status monitor (XNFS, chapter 11), one function and one file each under procedures/;
// procedures.cpp puts them in the table. Handlers run on their call's loop.
#pragma once

#include "base/task.hpp"
#include "nfs/nsm/service.hpp"
#include "nfs/nsm/types.hpp"
#include "rpc/call.hpp"

namespace ditto::nsm {

Task<void> null(Service& service, rpc::Call& call);
Task<sm_stat_res> stat(Service& service, rpc::Call& call, const sm_name& args);
Task<sm_stat_res> mon(Service& service, rpc::Call& call, const struct mon& args);
Task<sm_stat> unmon(Service& service, rpc::Call& call, const mon_id& args);
Task<sm_stat> unmon_all(Service& service, rpc::Call& call, const my_id& args);
Task<void> simu_crash(Service& service, rpc::Call& call);
Task<void> notify(Service& service, rpc::Call& call, const stat_chge& args);

}  // namespace ditto::nsm
