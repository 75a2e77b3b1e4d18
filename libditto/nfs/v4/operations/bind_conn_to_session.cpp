#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/link.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

/// None: the client demands a way for callbacks that there cannot be.
std::optional<state::Direction> direction_of(channel_dir_from_client4 direction, bool can_call_back) noexcept {
  using enum channel_dir_from_client4;
  switch (direction) {
    case CDFC4_FORE: break;
    case CDFC4_BACK: return can_call_back ? std::optional(state::Direction::Back) : std::nullopt;
    case CDFC4_FORE_OR_BOTH: return can_call_back ? state::Direction::ForeOrBoth : state::Direction::Fore;
    case CDFC4_BACK_OR_BOTH: return can_call_back ? std::optional(state::Direction::BackOrBoth) : std::nullopt;
  }
  return state::Direction::Fore;
}

/// Whether the session's callbacks can go over the connection that `compound` came by.
bool can_call_back(Compound& compound, Link& link, const state::Session& session) {
  Callbacks* callbacks = compound.service.keeper->callbacks();
  return callbacks && SessionCalls::can_call(session.back(), session.callback_control()) &&
         link.open_back(callbacks->channels(), compound.call.backchannel_source);
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
  const bool wants_callbacks = args.bctsa_dir != channel_dir_from_client4::CDFC4_FORE;
  const auto direction = direction_of(args.bctsa_dir, wants_callbacks && can_call_back(compound, link, *session));
  if (!direction) return {.status = NFS4ERR_INVAL};
  const auto bound = session->bind(link.id, *direction);
  if (!bound) return {.status = status_of(bound.error(), compound.minor)};
  link.keep(session);
  if (bound->back) keeper.callbacks()->channel_came(session->client()->id);
  return {.resok4 = {.bctsr_sessid = args.bctsa_sessid, .bctsr_dir = wire_of(*bound)}};
}

}  // namespace ditto::nfs4
