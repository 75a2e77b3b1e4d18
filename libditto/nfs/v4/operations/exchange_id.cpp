#include "nfs/v4/handlers.hpp"
#include "nfs/v4/introduction.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

constexpr std::uint32_t flags_of_arguments = EXCHGID4_FLAG_SUPP_MOVED_REFER | EXCHGID4_FLAG_SUPP_MOVED_MIGR |
                                             EXCHGID4_FLAG_BIND_PRINC_STATEID | EXCHGID4_FLAG_MASK_PNFS |
                                             EXCHGID4_FLAG_UPD_CONFIRMED_REC_A;

xdr::opaque<NFS4_OPAQUE_LIMIT> opaque_of(const std::string& text) {
  return xdr::opaque<NFS4_OPAQUE_LIMIT>::copy_of(bytes_of(text));
}

/// RFC 7862, 14.1: one may ask for the fencing of operations, and is told by its absence from the reply that there is
/// none.
std::uint32_t known_flags(const Compound& compound) noexcept {
  return flags_of_arguments | (compound.minor >= 2 ? EXCHGID4_FLAG_SUPP_FENCE_OPS : 0);
}

}  // namespace

// RFC 8881, 18.35. State protection needs RPCSEC_GSS; as without it a client may ask for what it will not get.
EXCHANGE_ID4res exchange_id(Compound& compound, const EXCHANGE_ID4args& args) {
  if ((args.eia_flags & ~known_flags(compound)) != 0) return {.status = NFS4ERR_INVAL};
  if (args.eia_state_protect.spa_how == state_protect_how4::SP4_SSV) return {.status = NFS4ERR_ENCR_ALG_UNSUPP};
  if (args.eia_state_protect.spa_how == state_protect_how4::SP4_MACH_CRED) return {.status = NFS4ERR_INVAL};
  Keeper& keeper = *compound.service.keeper;
  const bool update = (args.eia_flags & EXCHGID4_FLAG_UPD_CONFIRMED_REC_A) != 0;
  state::ClientEffects effects;
  const auto known = keeper.clients().exchange_id({.owner = string_of(args.eia_clientowner.co_ownerid),
                                                   .verifier = number_of(args.eia_clientowner.co_verifier),
                                                   .principal = principal_of(compound.call),
                                                   .address = rpc::to_string(compound.call.peer)},
                                                  update, keeper.now(), effects);
  keeper.deliver(effects);
  if (!known) return {.status = status_of(known.error(), compound.minor)};
  EXCHANGE_ID4res result;
  EXCHANGE_ID4resok& ok = result.resok4;
  ok.eir_clientid = known->id;
  ok.eir_sequenceid = known->sequence;
  ok.eir_flags = EXCHGID4_FLAG_USE_NON_PNFS | (known->confirmed ? EXCHGID4_FLAG_CONFIRMED_R : 0);
  // All connections lead to one server, and what one knows they all know (RFC 8881, 2.10.5).
  ok.eir_server_owner = {.so_minor_id = 0, .so_major_id = opaque_of(keeper.server_owner())};
  ok.eir_server_scope = opaque_of(keeper.server_owner());
  return result;
}

}  // namespace ditto::nfs4
