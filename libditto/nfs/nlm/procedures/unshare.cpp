#include "nfs/nlm/procedures.hpp"
#include "nfs/nlm/reservation.hpp"
#include "nfs/nlm/target.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_UNSHARE. Also of what is not there.
Task<nlm4_shareres> unshare(Service& service, rpc::Call& call, const nlm4_shareargs& args) {
  const auto place = place_of(service, call, args.share.fh);
  if (!place) co_return nlm4_shareres{args.cookie, place.error()};
  co_return nlm4_shareres{args.cookie, unreserve(service, call, args.share, *place)};
}

}  // namespace ditto::nlm
