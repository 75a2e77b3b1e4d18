#include "nfs/nlm/locking.hpp"
#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_LOCK.
Task<nlm4_res> lock(Service& service, rpc::Call& call, const nlm4_lockargs& args) {
  co_return nlm4_res{args.cookie, co_await acquire(service, call, args, Monitoring::Yes)};
}

}  // namespace ditto::nlm
