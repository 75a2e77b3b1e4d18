#include "nfs/nlm/procedures.hpp"
#include "nfs/nlm/reservation.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_SHARE.
Task<nlm4_shareres> share(Service& service, rpc::Call& call, const nlm4_shareargs& args) {
  co_return nlm4_shareres{args.cookie, co_await reserve(service, call, args)};
}

}  // namespace ditto::nlm
