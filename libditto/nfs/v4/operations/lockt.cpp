#include "gate/held.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/lock_request.hpp"
#include "nfs/v4/look.hpp"

namespace ditto::nfs4 {

using enum nfsstat4;

// RFC 8881, 18.11.
Task<LOCKT4res> lockt(Compound& compound, const LOCKT4args& args) {
  Keeper& keeper = *compound.service.keeper;
  const auto client = keeper.client_of(compound, args.owner.clientid);
  if (!client) co_return LOCKT4res{.status = client.error()};
  compound.act_as((*client)->id);
  const auto range = state::ByteRange::of_nfs(args.offset, args.length);
  if (!range) co_return LOCKT4res{.status = NFS4ERR_INVAL};
  if (keeper.clients().grace() != state::Grace::Phase::Over) co_return LOCKT4res{.status = NFS4ERR_GRACE};
  const Place at = *compound.current.place;
  if (at.is_pseudo_root()) co_return LOCKT4res{.status = NFS4ERR_ISDIR};
  const auto attributes = co_await compound.entrance(*at.share).gate.getattr(at.node);
  if (!attributes) co_return LOCKT4res{.status = compound.status_of(attributes.error())};
  if (attributes->type == vfs::FileType::Directory) co_return LOCKT4res{.status = NFS4ERR_ISDIR};
  if (attributes->type != vfs::FileType::Regular) {
    co_return LOCKT4res{.status = co_await contents_failure(compound, at, Error::WrongType)};
  }
  const auto owner = keeper.holdings(**client)->lock_owner(text_of(args.owner.owner.bytes()));
  for (;;) {
    const auto met = gate::test_bytes(*at.share, at.node, {*range, kind_of(args.locktype), owner});
    if (!met) co_return LOCKT4res{};
    if (co_await gate::yields(compound.entrance(*at.share).actor(), *at.share, met->owner.client)) continue;
    co_return LOCKT4res{.status = NFS4ERR_DENIED, .denied = denied_of(keeper, *met)};
  }
}

}  // namespace ditto::nfs4
