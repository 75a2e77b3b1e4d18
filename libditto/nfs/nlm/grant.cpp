#include <array>
#include <exception>

#include "nfs/nlm/locking.hpp"
#include "rpc/remote.hpp"

namespace ditto::nlm {
namespace {

constexpr std::uint32_t granted_procedure = 5;
constexpr std::uint64_t answer_within_ns = 5'000'000'000;
/// A client that cannot be reached keeps others waiting for half a minute, and no longer.
constexpr std::array<std::uint64_t, 3> pauses_ns = {1'000'000'000, 2'000'000'000, 4'000'000'000};

enum class Said : std::uint8_t { Yes, No, Nothing };

Said what_it_said(const rpc::CallResult& answered) {
  const auto result = rpc::results_of<nlm4_res>(answered);
  if (!result || result->stat == nlm4_stats::NLM4_DENIED_GRACE_PERIOD) return Said::Nothing;
  return result->stat == nlm4_stats::NLM4_GRANTED ? Said::Yes : Said::No;
}

Task<Said> ask(Service& service, const Block& block) {
  const nfs::Outside::Where where{block.peer, block.protocol, program_number, block.version};
  for (std::size_t attempt = 0;; ++attempt) {
    const rpc::CallResult answered =
        co_await service.outside.call(where, granted_procedure, block.granted, answer_within_ns);
    const Said said = what_it_said(answered);
    if (said != Said::Nothing || attempt == pauses_ns.size()) co_return said;
    if (!co_await service.outside.pause(pauses_ns[attempt]) || service.blocks.is_over(block)) co_return Said::Nothing;
  }
}

}  // namespace

// XNFS, chapter 10: NLM_GRANTED. What a client denies, since it has given up, or never answers, is free again.
Detached tell(Service& service, std::shared_ptr<Block> block) {
  const nfs::Outside::Errand errand(service.outside);
  Said said = Said::Nothing;
  try {
    if (errand) said = co_await ask(service, *block);
  } catch (const std::exception&) {
    // No memory for it: the client was not told.
  }
  if (service.blocks.end(*block) && said != Said::Yes)
    give_back(service, block->owner, block->place, block->lock.range);
  block.reset();  // before the errand is over: the service may go then
}

}  // namespace ditto::nlm
