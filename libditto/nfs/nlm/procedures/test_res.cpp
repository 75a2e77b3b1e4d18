#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_TEST_RES. This server sends no NLM_TEST_MSG that it would answer.
Task<void> test_res(Service&, rpc::Call&, const nlm4_testres&) { co_return; }

}  // namespace ditto::nlm
