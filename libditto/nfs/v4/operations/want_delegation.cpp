#include "nfs/v4/delegating.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;
using enum open_claim_type4;

namespace {

bool is_wanted(std::uint32_t want) noexcept {
  switch (want & OPEN4_SHARE_ACCESS_WANT_DELEG_MASK) {
    case OPEN4_SHARE_ACCESS_WANT_READ_DELEG:
    case OPEN4_SHARE_ACCESS_WANT_WRITE_DELEG:
    case OPEN4_SHARE_ACCESS_WANT_ANY_DELEG:
    case OPEN4_SHARE_ACCESS_WANT_CANCEL: return true;
    default: return false;
  }
}

}  // namespace

// RFC 8881, 18.49.
Task<WANT_DELEGATION4res> want_delegation(Compound& compound, const WANT_DELEGATION4args& args) {
  const Place at = *compound.current.place;
  if (!is_wanted(args.wda_want)) co_return WANT_DELEGATION4res{.status = NFS4ERR_INVAL};
  if (args.wda_claim.dc_claim == CLAIM_DELEG_PREV_FH) co_return WANT_DELEGATION4res{.status = NFS4ERR_NOTSUPP};
  if (at.is_pseudo_root()) co_return WANT_DELEGATION4res{.status = NFS4ERR_ISDIR};
  const bool reclaims = args.wda_claim.dc_claim == CLAIM_PREVIOUS;
  state::Client& client = *compound.session()->client();
  const nfsstat4 allowed = co_await compound.service.keeper->begin_state(compound, client, reclaims);
  if (allowed != NFS4_OK) co_return WANT_DELEGATION4res{.status = allowed};
  const auto attributes = co_await compound.entrance(*at.share).gate.stored_attributes(at.node);
  if (!attributes) co_return WANT_DELEGATION4res{.status = compound.status_of(attributes.error())};
  if (attributes->type == vfs::FileType::Directory) co_return WANT_DELEGATION4res{.status = NFS4ERR_ISDIR};
  if (attributes->type != vfs::FileType::Regular) co_return WANT_DELEGATION4res{.status = NFS4ERR_WRONG_TYPE};
  const DelegationWish wish{
      .place = at, .want = args.wda_want, .reclaimed = args.wda_claim.dc_delegate_type, .reclaims = reclaims};
  co_return WANT_DELEGATION4res{.resok4 = co_await give_delegation(compound, client, wish)};
}

}  // namespace ditto::nfs4
