#include "nfs/nlm/reservation.hpp"

#include "gate/held.hpp"
#include "nfs/nlm/status.hpp"
#include "nfs/nlm/target.hpp"

namespace ditto::nlm {
namespace {

/// None: bits that there are not, or that nobody could keep: without access nothing is denied.
std::optional<state::ShareMode> mode_of(const nlm4_share& share) {
  const auto access = static_cast<std::uint32_t>(share.access), deny = static_cast<std::uint32_t>(share.mode);
  if (access > 3 || deny > 3 || (access == 0 && deny != 0)) return std::nullopt;
  return state::ShareMode{static_cast<state::Share>(access), static_cast<state::Share>(deny)};
}

/// As the caller reads and writes: its client has checked, and the owner may always.
Task<Result<void>> may_open(nfs::Entrance& entrance, vfs::NodeId node, const state::ShareMode& mode) {
  const auto attributes = co_await entrance.gate.getattr(node);
  if (!attributes) co_return fail(attributes.error());
  vfs::Access wanted{};
  if (state::any(mode.access & state::Share::Read)) wanted = wanted | vfs::Access::ReadData;
  if (state::any(mode.access & state::Share::Write)) wanted = wanted | vfs::writing;
  const auto has = co_await entrance.gate.may(node, wanted | vfs::Access::Execute);
  if (!has) co_return fail(has.error());
  co_return vfs::check_stateless(*attributes, entrance.who(), wanted, *has);
}

/// The reservation as it is afterwards; `now` is what there was.
Task<nlm4_stats> change(Service& service, nfs::Entrance& entrance, const Place& place, const state::ShareMode& wanted,
                        const state::Promise& promise, Hosts::Reservation& now) {
  gate::Actor& actor = entrance.actor();
  const state::Holder holder{now.client, {}};
  actor.as = {.holder = holder, .open = now.open, .locks = {}};
  if (now.open == 0) {
    const state::OpenId id = service.shares.coordinator().new_id();
    const bool writes = state::any(wanted.access & state::Share::Write);
    const auto opened =
        co_await gate::open_node(actor, *place.share, place.node,
                                 {.open = {id, holder, wanted},
                                  .how = writes ? state::Operation::OpenWrite : state::Operation::OpenRead,
                                  .promise = &promise});
    if (!opened) co_return status_of(opened.error());
    now.open = id;
  } else {
    const state::ShareMode both{now.mode.access | wanted.access, now.mode.deny | wanted.deny};
    const auto upgraded =
        co_await gate::upgrade_open(actor, *place.share, place.node, now.open, both, vfs::Access::None, &promise);
    if (!upgraded) co_return status_of(upgraded.error());
    now.mode = both;
    if (!gate::downgrade_open(*place.share, place.node, now.open, wanted)) co_return nlm4_stats::NLM4_FAILED;
  }
  now.mode = wanted;
  co_return nlm4_stats::NLM4_GRANTED;
}

}  // namespace

Task<nlm4_stats> reserve(Service& service, rpc::Call& call, const nlm4_shareargs& args) {
  using enum nlm4_stats;
  const HostName host = host_of(call, args.share.caller_name);
  if (service.must_wait(host, args.reclaim)) co_return NLM4_DENIED_GRACE_PERIOD;
  const auto place = place_of(service, call, args.share.fh);
  if (!place) co_return place.error();
  const auto mode = mode_of(args.share);
  if (!mode) co_return NLM4_FAILED;
  if (place->share->rules().read_only && state::any(mode->access & state::Share::Write)) co_return NLM4_ROFS;
  nfs::Entrance entrance(call, *place->share);
  const auto allowed = co_await may_open(entrance, place->node, *mode);
  if (!allowed) co_return status_of(allowed.error());

  auto reservation = service.hosts.take_reservation(host, args.share.oh.bytes(), *place);
  if (!reservation) co_return NLM4_DENIED_NOLOCKS;
  gate::Coordinator& coordinator = service.shares.coordinator();
  const state::Promise promise{.who = {{state::Protocol::Nlm, host.name}, std::string(text_of(args.share.oh.bytes()))},
                               .kept = coordinator.persister().keeps(),
                               .reclaims = args.reclaim};
  const nlm4_stats status = co_await change(service, entrance, *place, *mode, promise, *reservation);
  if (service.hosts.set_reservation(host, args.share.oh.bytes(), *place, *reservation)) co_return status;
  gate::close_open(*place->share, place->node, reservation->open);
  co_return NLM4_DENIED_NOLOCKS;
}

nlm4_stats unreserve(Service& service, const rpc::Call& call, const nlm4_share& share, const Place& place) {
  const HostName host = host_of(call, share.caller_name);
  auto reservation = service.hosts.take_reservation(host, share.oh.bytes(), place);
  if (!reservation) return nlm4_stats::NLM4_DENIED_NOLOCKS;
  if (reservation->open != 0) gate::close_open(*place.share, place.node, std::exchange(reservation->open, 0));
  service.hosts.set_reservation(host, share.oh.bytes(), place, *reservation);
  return nlm4_stats::NLM4_GRANTED;
}

}  // namespace ditto::nlm
