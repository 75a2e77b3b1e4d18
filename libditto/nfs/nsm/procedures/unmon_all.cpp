#include "nfs/nsm/procedures.hpp"

namespace ditto::nsm {

// XNFS, chapter 11: SM_UNMON_ALL.
Task<sm_stat> unmon_all(Service& service, rpc::Call& call, const my_id& args) {
  if (call.peer.is_loopback()) service.watchers.remove_all(args);
  co_return sm_stat{service.monitored.state()};
}

}  // namespace ditto::nsm
