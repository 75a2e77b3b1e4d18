#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/link.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

state::Direction direction_of(channel_dir_from_client4 direction) noexcept {
  using enum channel_dir_from_client4;
  switch (direction) {
    case CDFC4_FORE: return state::Direction::Fore;
    case CDFC4_BACK: return state::Direction::Back;
    case CDFC4_FORE_OR_BOTH: return state::Direction::ForeOrBoth;
    case CDFC4_BACK_OR_BOTH: return state::Direction::BackOrBoth;
  }
  return state::Direction::Fore;
}

channel_dir_from_server4 wire_of(const state::Bound& bound) noexcept {
  using enum channel_dir_from_server4;
  if (bound.fore && bound.back) return CDFS4_BOTH;
  return bound.back ? CDFS4_BACK : CDFS4_FORE;
}

}  // namespace

// RFC 8881, 18.34.
BIND_CONN_TO_SESSION4res bind_conn_to_session(Compound& compound, const BIND_CONN_TO_SESSION4args& args) {
  Keeper& keeper = *compound.service.keeper;
  state::SessionId id;
  std::ranges::copy(args.bctsa_sessid, id.bytes.begin());
  const auto session = keeper.clients().session(id);
  if (!session) return {.status = NFS4ERR_BADSESSION};
  Link& link = keeper.bind_link(compound);
  const auto bound = session->bind(link.id, direction_of(args.bctsa_dir));
  if (!bound) return {.status = status_of(bound.error(), compound.minor)};
  link.keep(session);
  return {.resok4 = {.bctsr_sessid = args.bctsa_sessid, .bctsr_dir = wire_of(*bound)}};
}

}  // namespace ditto::nfs4
