#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.51. What it changes of the record is durable before the answer: the client may take something new next,
// and must be let in again with that after a crash.
Task<RECLAIM_COMPLETE4res> reclaim_complete(Compound& compound, const RECLAIM_COMPLETE4args& args) {
  if (args.rca_one_fs && !compound.current.place) co_return RECLAIM_COMPLETE4res{NFS4ERR_NOFILEHANDLE};
  Keeper& keeper = *compound.service.keeper;
  state::Client& client = *compound.session()->client();
  state::ClientEffects effects;
  const auto done = keeper.clients().reclaim_complete(client, args.rca_one_fs, keeper.now(), effects);
  co_await keeper.deliver_durably(compound.call.loop, effects);
  if (!done) co_return RECLAIM_COMPLETE4res{status_of(done.error(), compound.minor)};
  // It could not be written. The client comes again.
  if (!args.rca_one_fs && !client.reclaim_complete) co_return RECLAIM_COMPLETE4res{NFS4ERR_DELAY};
  co_return RECLAIM_COMPLETE4res{NFS4_OK};
}

}  // namespace ditto::nfs4
