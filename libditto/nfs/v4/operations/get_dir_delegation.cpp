#include <utility>

#include "gate/held.hpp"
#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/delegating.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;
using Given = std::optional<GET_DIR_DELEGATION4resok>;

bool can_be_given(Compound& compound, const Place& at, const state::Client& client) {
  const Keeper& keeper = *compound.service.keeper;
  Callbacks* const callbacks = keeper.callbacks();
  const state::FileKey file = gate::file_key(at.share->file_system(), at.node);
  return callbacks && at.share->rules().delegations && callbacks->reaches(client) &&
         !callbacks->delegations().recalled_lately(file, keeper.now());
}

/// Whoever is told of changes learns names, as who lists it does.
Task<nfsstat4> may_look(Compound& compound, const Place& at) {
  gate::Gate& gate = compound.entrance(*at.share).gate;
  const auto attributes = co_await gate.stored_attributes(at.node);
  if (!attributes) co_return compound.status_of(attributes.error());
  if (attributes->type != vfs::FileType::Directory) co_return NFS4ERR_NOTDIR;
  const auto has = co_await gate.access(at.node, vfs::Access::ReadData);
  if (!has) co_return compound.status_of(has.error());
  co_return *has == vfs::Access::ReadData ? NFS4_OK : NFS4ERR_ACCESS;
}

/// Granted, and watched; not where it has no name any more.
Task<bool> is_granted(Compound& compound, const Place& at, DirectoryWatches::Directory directory) {
  Callbacks& callbacks = *compound.service.keeper->callbacks();
  nfs::Entrance& entrance = compound.entrance(*at.share);
  const state::GrantTable::Wanted wanted{.id = directory.grant,
                                         .holder = {directory.delegated.client, {}},
                                         .kind = state::GrantKind::Delegation,
                                         .caching = state::caching::rh,
                                         .notices = spared_by(directory.given)};
  const auto granted =
      co_await gate::grant_node(entrance.actor(), *at.share, at.node, wanted, vfs::FileType::Directory);
  if (!granted || granted->id != wanted.id || granted->held != wanted.caching) co_return false;
  callbacks.directories().begin(std::move(directory));
  const auto now = co_await entrance.gate.stored_attributes(at.node);
  co_return now && now->link_count > 0;
}

Task<Given> give(Compound& compound, const Place& at, state::Client& client, const GET_DIR_DELEGATION4args& args) {
  Keeper& keeper = *compound.service.keeper;
  Callbacks& callbacks = *keeper.callbacks();
  const state::GrantId grant = keeper.coordinator().new_id();
  const auto noted = note_delegation(compound, client, at, grant, DelegationKind::Directory);
  if (!noted) co_return std::nullopt;
  const NoticesGiven given = notices_for(args, at.share->changes() != nullptr);
  const state::FileKey file = gate::file_key(at.share->file_system(), at.node);
  const bool is_given = co_await is_granted(compound, at,
                                            {.grant = grant,
                                             .delegated = *noted,
                                             .file = file,
                                             .share = at.share->id(),
                                             .node = at.node,
                                             .changes = at.share->changes(),
                                             .given = given,
                                             .minor = compound.minor,
                                             .who = compound.entrance(*at.share).who(),
                                             .service = compound.service,
                                             .pool = compound.call.pool,
                                             .clock = compound.call.clock});
  // A client that went while this was on its way has been dropped, with all but this.
  if (!is_given || client.lease.standing() == state::Standing::Gone) {
    callbacks.withdraw(file, grant);
    co_return std::nullopt;
  }
  // It may have been given up again already.
  if (!callbacks.delegations().find(grant)) callbacks.directories().end(grant);
  callbacks.delegations().count_given(DelegationKind::Directory);
  co_return GET_DIR_DELEGATION4resok{.gddr_stateid = noted->stateid,
                                     .gddr_notification = given.kinds,
                                     .gddr_child_attributes = given.child_attributes,
                                     .gddr_dir_attributes = given.attributes};
}

}  // namespace

// RFC 8881, 18.39. Its cookie verifier is that of READDIR, which never changes. Nobody is told later that there is one
// to be had.
Task<GET_DIR_DELEGATION4res> get_dir_delegation(Compound& compound, const GET_DIR_DELEGATION4args& args) {
  const Place at = *compound.current.place;
  GET_DIR_DELEGATION4res result;
  result.resok4.gddrnf_status = gddrnf4_status::GDD4_UNAVAIL;
  if (at.is_pseudo_root()) co_return result;
  result.status = co_await may_look(compound, at);
  if (result.status != NFS4_OK) co_return result;
  state::Client& client = *compound.session()->client();
  result.status = co_await compound.service.keeper->begin_state(compound, client, false);
  if (result.status != NFS4_OK || !can_be_given(compound, at, client)) co_return result;
  const Given given = co_await give(compound, at, client, args);
  if (!given) co_return result;
  result.resok4.gddrnf_status = gddrnf4_status::GDD4_OK;
  result.resok4.gddrnf_resok4 = *given;
  compound.current.stateid = given->gddr_stateid;
  co_return result;
}

}  // namespace ditto::nfs4
