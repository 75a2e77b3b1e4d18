#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_GRANTED. This server waits for nobody's locks, so it wants none that somebody grants it.
Task<nlm4_res> granted(Service&, rpc::Call&, const nlm4_testargs& args) {
  co_return nlm4_res{args.cookie, nlm4_stats::NLM4_DENIED};
}

}  // namespace ditto::nlm
