#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/held_state.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.6.
DELEGRETURN4res delegreturn(Compound& compound, const DELEGRETURN4args& args) {
  const HeldState held(compound, args.deleg_stateid);
  if (!held) return {held.status()};
  const auto delegation = held.holdings().find_delegation(held.id(), held.file(), held.zero());
  if (!delegation) return {held.status_of(delegation.error())};
  compound.service.keeper->callbacks()->returned(held.file(), delegation->grant);
  return {};
}

}  // namespace ditto::nfs4
