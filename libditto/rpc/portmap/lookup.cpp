#include "rpc/portmap/lookup.hpp"

#include <memory>
#include <utility>

#include "rpc/portmap/service.hpp"
#include "rpc/portmap/types.hpp"
#include "wire/xdr_writer.hpp"

namespace ditto::rpc::portmap {
namespace {

using Port = std::expected<std::uint16_t, CallError>;

constexpr std::uint16_t portmap_port = 111;
constexpr std::uint32_t getport_procedure = 3;  // RPCBPROC_GETADDR has the same number

Port port_or_unavailable(std::uint32_t port) {
  if (port > 65535) return call_failed(CallFailure::Malformed);
  if (port == 0) return call_failed(CallFailure::ProgramUnavailable);
  return static_cast<std::uint16_t>(port);
}

// RFC 1833, 3.2: PMAPPROC_GETPORT.
Port read_getport(const CallResult& answered) {
  const auto port = results_of<only<std::uint32_t>>(answered);
  if (!port) return std::unexpected(port.error());
  return port_or_unavailable(port->value);
}

// RFC 1833, 2.2.1: RPCBPROC_GETADDR. Only the port counts: the peer is where it was asked.
Port read_getaddr(const CallResult& answered, Netid netid) {
  const auto address = results_of<only<xdr::string<max_string>>>(answered);
  if (!address) return std::unexpected(address.error());
  if (address->value.empty()) return call_failed(CallFailure::ProgramUnavailable);
  const auto endpoint = parse_universal(address->value, netid);
  if (!endpoint) return call_failed(CallFailure::Malformed);
  return port_or_unavailable(endpoint->port);
}

BufferChain getaddr_arguments(std::uint32_t program, std::uint32_t version, Netid netid) {
  rpcb wanted{.r_prog = program, .r_vers = version};
  wanted.r_netid = xdr::string<max_string>::lend(to_string(netid));
  return xdr::encode(wanted);
}

}  // namespace

Task<Port> get_port(Dialer& dialer, Address address, std::uint32_t program, std::uint32_t version, Protocol protocol,
                    std::uint64_t deadline_ns, Executor& loop) {
  const Destination destination{.endpoint = {address, portmap_port}, .protocol = protocol};
  const DialResult dialed = co_await dialer.dial(destination, deadline_ns, loop);
  if (!dialed) co_return std::unexpected(dialed.error());
  Remote& portmap = **dialed;

  OutgoingCall call{.program = program_number, .procedure = getport_procedure, .deadline_ns = deadline_ns};
  if (is_v4(address)) {
    call.version = 2;
    call.arguments =
        xdr::encode(mapping{program, version, protocol == Protocol::Tcp ? IPPROTO_OF_TCP : IPPROTO_OF_UDP, 0});
    const CallResult answered = co_await portmap.call(std::move(call), loop);
    co_return read_getport(answered);
  }
  const Netid netid = protocol == Protocol::Tcp ? Netid::Tcp6 : Netid::Udp6;
  call.arguments = getaddr_arguments(program, version, netid);
  for (call.version = 4;; --call.version) {
    const CallResult answered = co_await portmap.call(call, loop);
    const bool older = !answered && answered.error().failure == CallFailure::ProgramMismatch;
    if (!older || call.version == 3) co_return read_getaddr(answered, netid);
  }
}

}  // namespace ditto::rpc::portmap
