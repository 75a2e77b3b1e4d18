#include "nfs/nsm/procedures.hpp"

namespace ditto::nsm {

// XNFS, chapter 11: SM_MON. For programs of this machine.
Task<sm_stat_res> mon(Service& service, rpc::Call& call, const struct mon& args) {
  const bool watches = call.peer.is_loopback() && !args.mon_id.mon_name.empty() && service.watchers.add(args);
  co_return sm_stat_res{watches ? res::stat_succ : res::stat_fail, service.monitored.state()};
}

}  // namespace ditto::nsm
