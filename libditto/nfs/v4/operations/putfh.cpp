#include "nfs/v4/handlers.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.19. That its node still exists is seen by whoever uses it.
PUTFH4res putfh(Compound& compound, const PUTFH4args& args) {
  const auto place = place_of(compound.service.shares, compound.call, args.object.bytes());
  if (!place) return {compound.status_of(place.error())};
  compound.move_to(*place);
  return {};
}

}  // namespace ditto::nfs4
