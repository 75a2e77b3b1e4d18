#include "nfs/nlm/procedures.hpp"
#include "nfs/nlm/target.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_FREE_ALL. By name, and from the address that it locked from: nobody frees what is another's.
Task<void> free_all(Service& service, rpc::Call& call, const nlm4_notify& args) {
  const HostName caller = host_of(call, args.caller);
  drop_hosts(service, [&](const HostName& host) { return host == caller; }, 0);
  co_return;
}

}  // namespace ditto::nlm
