#include "nfs/nlm/procedures.hpp"

#include <array>

#include "nfs/nlm/versions.hpp"
#include "rpc/program.hpp"

namespace ditto::nlm {

namespace {

using rpc::Replay;

template <auto handler, bool is_wide>
constexpr rpc::Procedure row(std::string_view name, Replay replay) noexcept {
  if constexpr (is_wide) {
    return rpc::procedure<handler>(name, replay);
  } else {
    return rpc::procedure<&Narrowed<handler>::run>(name, replay);
  }
}

// In the order of XNFS, chapter 10, and RFC 1813, 6.2. What changes something is answered from the cache when it is
// sent again, so that a late copy of a LOCK does not undo the UNLOCK that came after it.
template <bool is_wide>
constexpr auto table = std::to_array<rpc::Procedure>({
    row<&null, is_wide>("NULL", Replay::Idempotent),                // 0
    row<&test, is_wide>("TEST", Replay::Idempotent),                // 1
    row<&lock, is_wide>("LOCK", Replay::Cached),                    // 2
    row<&cancel, is_wide>("CANCEL", Replay::Cached),                // 3
    row<&unlock, is_wide>("UNLOCK", Replay::Cached),                // 4
    row<&granted, is_wide>("GRANTED", Replay::Idempotent),          // 5
    row<&test_msg, is_wide>("TEST_MSG", Replay::Idempotent),        // 6
    row<&lock_msg, is_wide>("LOCK_MSG", Replay::Cached),            // 7
    row<&cancel_msg, is_wide>("CANCEL_MSG", Replay::Cached),        // 8
    row<&unlock_msg, is_wide>("UNLOCK_MSG", Replay::Cached),        // 9
    row<&granted_msg, is_wide>("GRANTED_MSG", Replay::Idempotent),  // 10
    row<&test_res, is_wide>("TEST_RES", Replay::Idempotent),        // 11
    row<&lock_res, is_wide>("LOCK_RES", Replay::Idempotent),        // 12
    row<&cancel_res, is_wide>("CANCEL_RES", Replay::Idempotent),    // 13
    row<&unlock_res, is_wide>("UNLOCK_RES", Replay::Idempotent),    // 14
    row<&granted_res, is_wide>("GRANTED_RES", Replay::Idempotent),  // 15
    {},
    {},
    {},
    {},
    row<&share, is_wide>("SHARE", Replay::Cached),        // 20
    row<&unshare, is_wide>("UNSHARE", Replay::Cached),    // 21
    row<&nm_lock, is_wide>("NM_LOCK", Replay::Cached),    // 22
    row<&free_all, is_wide>("FREE_ALL", Replay::Cached),  // 23
});
constexpr std::size_t procedures_of_version_1 = 16;
static_assert(table<true>.size() == 24 && table<false>.size() == 24);

}  // namespace

Result<void> add_programs(rpc::Programs& programs, Service& service) {
  const std::span narrow(table<false>);
  for (const rpc::Program& program :
       {rpc::Program(program_number, 1, "NLM", narrow.first(procedures_of_version_1), &service),
        rpc::Program(program_number, 3, "NLM", narrow, &service),
        rpc::Program(program_number, version_4, "NLM", table<true>, &service)}) {
    if (const auto added = programs.add(program); !added) return added;
  }
  return {};
}

}  // namespace ditto::nlm
