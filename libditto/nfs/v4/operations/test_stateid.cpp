#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/wire_stateid.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.48.
TEST_STATEID4res test_stateid(Compound& compound, const TEST_STATEID4args& args) {
  Keeper& keeper = *compound.service.keeper;
  TEST_STATEID4res result;
  for (const stateid4& stateid : args.ts_stateids) {
    const state::StateId id = stateid_of(stateid);
    const auto client = keeper.bearer_of(compound, id);
    const auto held = client ? keeper.find_holdings(id.client) : nullptr;
    nfsstat4 status = NFS4ERR_BAD_STATEID;
    if (held) {
      const auto tested = held->test(id, Keeper::zero_of(compound));
      status = tested ? NFS4_OK : status_of(tested.error(), compound.minor);
    }
    result.resok4.tsr_status_codes.push_back(status);
  }
  return result;
}

}  // namespace ditto::nfs4
