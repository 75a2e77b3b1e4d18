#include "nfs/nsm/procedures.hpp"

namespace ditto::nsm {

// XNFS, chapter 11: SM_STAT. Whether the caller could have the host monitored.
Task<sm_stat_res> stat(Service& service, rpc::Call& call, const sm_name& args) {
  const bool would = call.peer.is_loopback() && !args.mon_name.empty();
  co_return sm_stat_res{would ? res::stat_succ : res::stat_fail, service.monitored.state()};
}

}  // namespace ditto::nsm
