#include "nfs/nsm/procedures.hpp"
#include "wire/xdr.hpp"

namespace ditto::nsm {
namespace {

constexpr rpc::portmap::Address own_address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};

void tell_watcher(Service& service, const Watcher& watcher, const stat_chge& change) {
  service.outside.send({own_address, rpc::portmap::Protocol::Udp, watcher.program, watcher.version}, watcher.procedure,
                       xdr::encode(status{change.mon_name, change.state, watcher.priv}));
}

}  // namespace

// XNFS, chapter 11: SM_NOTIFY.
Task<void> notify(Service& service, rpc::Call& call, const stat_chge& args) {
  service.rebooted(args.mon_name.view(), call.peer.address, args.state);
  for (const Watcher& watcher : service.watchers.of(args.mon_name.view())) tell_watcher(service, watcher, args);
  co_return;
}

}  // namespace ditto::nsm
