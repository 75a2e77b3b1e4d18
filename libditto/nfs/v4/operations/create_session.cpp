#include "nfs/v4/handlers.hpp"
#include "nfs/v4/in_sequence.hpp"
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

}  // namespace

// RFC 8881, 18.36.
CREATE_SESSION4res create_session(Compound& compound, const CREATE_SESSION4args& args) {
  constexpr std::uint32_t flags =
      CREATE_SESSION4_FLAG_PERSIST | CREATE_SESSION4_FLAG_CONN_BACK_CHAN | CREATE_SESSION4_FLAG_CONN_RDMA;
  if ((args.csa_flags & ~flags) != 0) return {.status = NFS4ERR_INVAL};
  Keeper& keeper = *compound.service.keeper;
  Link& link = keeper.bind_link(compound);
  const bool callbacks = (args.csa_flags & CREATE_SESSION4_FLAG_CONN_BACK_CHAN) != 0;
  const Buffer security = encoded(args.csa_sec_parms);
  state::ClientEffects effects;
  const auto created = keeper.clients().create_session(
      {.client = args.csa_clientid,
       .sequence = args.csa_sequence,
       .fore = attributes_of(args.csa_fore_chan_attrs),
       .back = attributes_of(args.csa_back_chan_attrs),
       .callbacks = callbacks && compound.call.backchannel_source != nullptr,
       .control = {.program = args.csa_cb_program, .security = std::string(text_of(security.bytes()))}},
      principal_of(compound.call), link.id, keeper.now(), effects);
  keeper.deliver(effects);
  if (!created) return {.status = status_of(created.error(), compound.minor)};
  if (const auto session = keeper.clients().session(created->id)) link.keep(session);
  CREATE_SESSION4res result;
  std::ranges::copy(created->id.bytes, result.resok4.csr_sessionid.begin());
  result.resok4.csr_sequence = created->sequence;
  result.resok4.csr_flags = created->callbacks ? CREATE_SESSION4_FLAG_CONN_BACK_CHAN : 0;
  result.resok4.csr_fore_chan_attrs = wire_of(created->fore);
  result.resok4.csr_back_chan_attrs = wire_of(created->back);
  return result;
}

}  // namespace ditto::nfs4
