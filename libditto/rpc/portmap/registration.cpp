#include "rpc/portmap/registration.hpp"

#include <utility>

#include "rpc/portmap/service.hpp"
#include "wire/xdr_writer.hpp"

namespace ditto::rpc::portmap {
namespace {

constexpr std::uint32_t set_procedure = 1, unset_procedure = 2;
constexpr Endpoint own_portmapper{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}, 111};

Task<std::expected<bool, CallError>> ask(Dialer& dialer, std::uint32_t procedure, mapping service,
                                         std::uint64_t deadline_ns, Executor& loop) {
  const DialResult dialed = co_await dialer.dial(
      {.endpoint = own_portmapper, .protocol = Protocol::Udp, .from_privileged_port = true}, deadline_ns, loop);
  if (!dialed) co_return std::unexpected(dialed.error());
  const CallResult answered = co_await (*dialed)->call({.program = program_number,
                                                        .version = 2,
                                                        .procedure = procedure,
                                                        .identity = {},
                                                        .arguments = xdr::encode(service),
                                                        .deadline_ns = deadline_ns},
                                                       loop);
  const auto done = results_of<only<bool>>(answered);
  if (!done) co_return std::unexpected(done.error());
  co_return done->value;
}

}  // namespace

Task<std::expected<bool, CallError>> set(Dialer& dialer, mapping service, std::uint64_t deadline_ns, Executor& loop) {
  return ask(dialer, set_procedure, service, deadline_ns, loop);
}

Task<std::expected<bool, CallError>> unset(Dialer& dialer, std::uint32_t program, std::uint32_t version,
                                           std::uint64_t deadline_ns, Executor& loop) {
  return ask(dialer, unset_procedure, {program, version, 0, 0}, deadline_ns, loop);
}

}  // namespace ditto::rpc::portmap
