#include "nfs/nlm/locking.hpp"
#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_NM_LOCK. It never blocks, and the client's status monitor is not asked.
Task<nlm4_res> nm_lock(Service& service, rpc::Call& call, const nlm4_lockargs& args) {
  nlm4_lockargs unmonitored = args;
  unmonitored.block = false;
  co_return nlm4_res{args.cookie, co_await acquire(service, call, unmonitored, Monitoring::No)};
}

}  // namespace ditto::nlm
