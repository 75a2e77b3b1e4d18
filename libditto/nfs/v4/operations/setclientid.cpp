#include "nfs/v4/callbacks/dialled_paths.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/introduction.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

// RFC 7530, 16.33.
SETCLIENTID4res setclientid(Compound& compound, const SETCLIENTID4args& args) {
  Keeper& keeper = *compound.service.keeper;
  state::ClientEffects effects;
  const auto known = keeper.clients().setclientid({.owner = string_of(args.client.id),
                                                   .verifier = number_of(args.client.verifier),
                                                   .principal = principal_of(compound.call),
                                                   .address = rpc::to_string(compound.call.peer)},
                                                  callback_address_of(args, compound.call.peer), keeper.now(), effects);
  keeper.deliver(effects);
  if (!known) return {.status = status_of(known.error(), compound.minor)};
  return {.resok4 = {known->id, verifier_of(known->confirm)}};
}

}  // namespace ditto::nfs4
