#include "rpc/portmap/service.hpp"

#include <array>
#include <string>
#include <utility>

#include "rpc/portmap/types.hpp"

namespace ditto::rpc::portmap {
namespace {

std::optional<Netid> netid_of(std::uint32_t protocol) noexcept {
  if (protocol == IPPROTO_OF_TCP) return Netid::Tcp;
  if (protocol == IPPROTO_OF_UDP) return Netid::Udp;
  return std::nullopt;
}

std::string owner_of(const Call& call) {
  return call.flavor == AuthFlavor::Sys ? std::to_string(call.caller.uid) : "unknown";
}

/// The transport that a query came by; of the family that the caller has.
Netid netid_of(const Service& service, const Call& call) noexcept {
  const bool v4 = is_v4(call.peer.address);
  if (service.reached_by == Protocol::Tcp) return v4 ? Netid::Tcp : Netid::Tcp6;
  return v4 ? Netid::Udp : Netid::Udp6;
}

/// A list is much longer than the question, and who asks by UDP may have put somebody else's address on it.
bool may_list(const Service& service, const Call& call) noexcept {
  return service.reached_by == Protocol::Tcp || call.peer.is_loopback();
}

Task<void> null(Service&, Call&) { co_return; }

// ---- version 2 ----

Task<only<bool>> pmap_set(Service& service, Call& call, const mapping& wanted) {
  const auto netid = netid_of(wanted.prot);
  if (!call.peer.is_loopback() || !netid || wanted.port == 0 || wanted.port > 65535) co_return only{false};
  co_return only{service.registry.set({wanted.prog,
                                       wanted.vers,
                                       *netid,
                                       {any_address(*netid), static_cast<std::uint16_t>(wanted.port)},
                                       owner_of(call)})};
}

// Protocol and port are ignored (RFC 1833, 3.2); what version 2 cannot name stays.
Task<only<bool>> pmap_unset(Service& service, Call& call, const mapping& unwanted) {
  if (!call.peer.is_loopback()) co_return only{false};
  const bool tcp = service.registry.unset(unwanted.prog, unwanted.vers, Netid::Tcp);
  const bool udp = service.registry.unset(unwanted.prog, unwanted.vers, Netid::Udp);
  co_return only{tcp || udp};
}

Task<only<std::uint32_t>> pmap_getport(Service& service, Call&, const mapping& wanted) {
  const auto netid = netid_of(wanted.prot);
  const auto found = netid ? service.registry.find(wanted.prog, wanted.vers, *netid) : std::nullopt;
  co_return only<std::uint32_t>{found ? found->endpoint.port : 0u};
}

Task<only<pmaplist>> pmap_dump(Service& service, Call& call) {
  if (!may_list(service, call)) co_return only<pmaplist>{};
  xdr::ListBuilder<mapping, pmaplist_bytes> list;
  for (const Mapping& each : service.registry.all()) {
    if (is_v6(each.netid)) continue;
    const std::uint32_t protocol = each.netid == Netid::Tcp ? IPPROTO_OF_TCP : IPPROTO_OF_UDP;
    if (!list.add({each.program, each.version, protocol, each.endpoint.port})) break;
  }
  co_return only<pmaplist>{list.finish()};
}

// ---- versions 3 and 4 ----

Task<only<bool>> rpcb_set(Service& service, Call& call, const rpcb& wanted) {
  const auto netid = parse_netid(wanted.r_netid);
  const auto endpoint = netid ? parse_universal(wanted.r_addr, *netid) : std::nullopt;
  if (!call.peer.is_loopback() || !endpoint || endpoint->port == 0) co_return only{false};
  co_return only{service.registry.set({wanted.r_prog, wanted.r_vers, *netid, *endpoint, owner_of(call)})};
}

// Without a netid: on every transport. The address is ignored.
Task<only<bool>> rpcb_unset(Service& service, Call& call, const rpcb& unwanted) {
  const auto netid = parse_netid(unwanted.r_netid);
  if (!call.peer.is_loopback() || (!netid && !unwanted.r_netid.empty())) co_return only{false};
  co_return only{service.registry.unset(unwanted.r_prog, unwanted.r_vers, netid)};
}

/// Where the caller reaches a service that listens on `endpoint`.
Endpoint reachable(const Service& service, const Call& call, Endpoint endpoint) {
  if (!is_any(endpoint.address)) return endpoint;
  const Address local = service.local_address(call.peer);
  if (is_v4(local) == is_v4(endpoint.address)) endpoint.address = local;
  return endpoint;
}

// RFC 1833, 2.2.1 has the transport of the query decide; clients that name another one mean it.
Task<only<xdr::string<max_string>>> rpcb_getaddr(Service& service, Call& call, const rpcb& wanted) {
  const Netid netid = parse_netid(wanted.r_netid).value_or(netid_of(service, call));
  only<xdr::string<max_string>> answer;
  if (const auto found = service.registry.find(wanted.r_prog, wanted.r_vers, netid)) {
    answer.value = xdr::string<max_string>::copy_of(to_universal(reachable(service, call, found->endpoint)));
  }
  co_return answer;
}

Task<only<rpcblist>> rpcb_dump(Service& service, Call& call) {
  if (!may_list(service, call)) co_return only<rpcblist>{};
  xdr::ListBuilder<rpcb, rpcblist_bytes> list;
  for (const Mapping& each : service.registry.all()) {
    const std::string address = to_universal(each.endpoint);
    rpcb entry{.r_prog = each.program, .r_vers = each.version};
    entry.r_netid = xdr::string<max_string>::lend(to_string(each.netid));
    entry.r_addr = xdr::string<max_string>::lend(address);
    entry.r_owner = xdr::string<max_string>::lend(each.owner);
    if (!list.add(entry)) break;
  }
  co_return only<rpcblist>{list.finish()};
}

// Each may simply be repeated: a second SET of the same finds it there and agrees.
constexpr auto version_2 = std::to_array<Procedure>({
    procedure<&null>("NULL", Replay::Idempotent),
    procedure<&pmap_set>("SET", Replay::Idempotent),
    procedure<&pmap_unset>("UNSET", Replay::Idempotent),
    procedure<&pmap_getport>("GETPORT", Replay::Idempotent),
    procedure<&pmap_dump>("DUMP", Replay::Idempotent),
});
constexpr auto versions_3_and_4 = std::to_array<Procedure>({
    procedure<&null>("NULL", Replay::Idempotent),
    procedure<&rpcb_set>("SET", Replay::Idempotent),
    procedure<&rpcb_unset>("UNSET", Replay::Idempotent),
    procedure<&rpcb_getaddr>("GETADDR", Replay::Idempotent),
    procedure<&rpcb_dump>("DUMP", Replay::Idempotent),
});

}  // namespace

Result<void> add_programs(Programs& programs, Service& service) {
  for (const Program& program : {Program(program_number, 2, "PORTMAP", version_2, &service),
                                 Program(program_number, 3, "RPCBIND", versions_3_and_4, &service),
                                 Program(program_number, 4, "RPCBIND", versions_3_and_4, &service)}) {
    if (const auto added = programs.add(program); !added) return added;
  }
  return {};
}

}  // namespace ditto::rpc::portmap
