#include "nfs/nsm/procedures.hpp"

namespace ditto::nsm {

// XNFS, chapter 11: SM_UNMON.
Task<sm_stat> unmon(Service& service, rpc::Call& call, const mon_id& args) {
  if (call.peer.is_loopback()) service.watchers.remove(args);
  co_return sm_stat{service.monitored.state()};
}

}  // namespace ditto::nsm
