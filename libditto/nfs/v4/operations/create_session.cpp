#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/callbacks/security.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/introduction.hpp"
#include "nfs/v4/keeper.hpp"
#include "nfs/v4/link.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfsstat4;

state::ChannelAttributes attributes_of(const channel_attrs4& wire) noexcept {
  return {.header_pad = wire.ca_headerpadsize,
          .max_request = wire.ca_maxrequestsize,
          .max_response = wire.ca_maxresponsesize,
          .max_response_cached = wire.ca_maxresponsesize_cached,
          .max_operations = wire.ca_maxoperations,
          .max_requests = wire.ca_maxrequests};
}

channel_attrs4 wire_of(const state::ChannelAttributes& attributes) noexcept {
  return {.ca_headerpadsize = attributes.header_pad,
          .ca_maxrequestsize = attributes.max_request,
          .ca_maxresponsesize = attributes.max_response,
          .ca_maxresponsesize_cached = attributes.max_response_cached,
          .ca_maxoperations = attributes.max_operations,
          .ca_maxrequests = attributes.max_requests};
}

/// Whether the connection can be what the client wants of it, a way for callbacks.
bool can_call_back(Compound& compound, Link& link, const state::CreateSession& wanted) {
  Callbacks* callbacks = compound.service.keeper->callbacks();
  return callbacks && SessionCalls::can_call(wanted.back, wanted.control) &&
         link.open_back(callbacks->channels(), compound.call.backchannel_source);
}

}  // namespace

// RFC 8881, 18.36.
CREATE_SESSION4res create_session(Compound& compound, const CREATE_SESSION4args& args) {
  constexpr std::uint32_t flags =
      CREATE_SESSION4_FLAG_PERSIST | CREATE_SESSION4_FLAG_CONN_BACK_CHAN | CREATE_SESSION4_FLAG_CONN_RDMA;
  if ((args.csa_flags & ~flags) != 0) return {.status = NFS4ERR_INVAL};
  // Beside flavors that can be used a handle that nobody knows is passed over, as other servers do (pynfs CSESS16).
  if (names_gss_handle(args.csa_sec_parms) && !security_of(args.csa_sec_parms)) return {.status = NFS4ERR_NOENT};
  Keeper& keeper = *compound.service.keeper;
  Link& link = keeper.bind_link(compound);
  state::CreateSession wanted{.client = args.csa_clientid,
                              .sequence = args.csa_sequence,
                              .fore = attributes_of(args.csa_fore_chan_attrs),
                              .back = attributes_of(args.csa_back_chan_attrs),
                              .control = control_of(args.csa_cb_program, args.csa_sec_parms)};
  wanted.control.minor_version = compound.minor;
  const bool asked = (args.csa_flags & CREATE_SESSION4_FLAG_CONN_BACK_CHAN) != 0;
  wanted.callbacks = asked && can_call_back(compound, link, wanted);
  state::ClientEffects effects;
  const auto created =
      keeper.clients().create_session(wanted, principal_of(compound.call), link.id, keeper.now(), effects);
  keeper.deliver(effects);
  if (!created) return {.status = status_of(created.error(), compound.minor)};
  if (const auto session = keeper.clients().session(created->id)) link.keep(session);
  if (created->callbacks) keeper.callbacks()->channel_came(args.csa_clientid);
  CREATE_SESSION4res result;
  std::ranges::copy(created->id.bytes, result.resok4.csr_sessionid.begin());
  result.resok4.csr_sequence = created->sequence;
  result.resok4.csr_flags = created->callbacks ? CREATE_SESSION4_FLAG_CONN_BACK_CHAN : 0;
  result.resok4.csr_fore_chan_attrs = wire_of(created->fore);
  result.resok4.csr_back_chan_attrs = wire_of(created->back);
  return result;
}

}  // namespace ditto::nfs4
