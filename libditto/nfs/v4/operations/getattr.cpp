#include "nfs/v4/handlers.hpp"
#include "nfs/v4/look.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.7.
Task<GETATTR4res> getattr(Compound& compound, const GETATTR4args& args) {
  const Place at = *compound.current.place;
  if (const nfsstat4 status = check_asked(args.attr_request, compound.minor); status != nfsstat4::NFS4_OK) {
    co_return GETATTR4res{.status = status};
  }
  if (!at.is_pseudo_root() && !wants_space(args.attr_request) && !wants_list(args.attr_request)) {
    const auto attributes = co_await compound.entrance(*at.share).gate.getattr(at.node);
    if (!attributes) co_return GETATTR4res{.status = compound.status_of(attributes.error())};
    const Subject subject{.service = compound.service, .minor = compound.minor, .place = at, .attributes = *attributes};
    co_return GETATTR4res{.resok4 = {values_of(args.attr_request, subject)}};
  }
  const auto seen = co_await look(compound, at, args.attr_request);
  if (!seen) co_return GETATTR4res{.status = compound.status_of(seen.error())};
  co_return GETATTR4res{.resok4 = {values_of(args.attr_request, subject_of(compound, at, *seen))}};
}

}  // namespace ditto::nfs4
