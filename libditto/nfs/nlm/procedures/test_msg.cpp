#include "nfs/nlm/async.hpp"
#include "nfs/nlm/procedures.hpp"

namespace ditto::nlm {

// XNFS, chapter 10: NLM_TEST_MSG.
Task<void> test_msg(Service& service, rpc::Call& call, const nlm4_testargs& args) {
  constexpr std::uint32_t test_res_procedure = 11;
  return run_message(service, call, args, test_res_procedure, &test);
}

}  // namespace ditto::nlm
