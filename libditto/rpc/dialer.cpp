#include "rpc/dialer.hpp"

namespace ditto::rpc {

std::optional<Destination> destination_of(std::string_view netid, std::string_view universal_address) {
  const auto transport = portmap::parse_netid(netid);
  if (!transport) return std::nullopt;
  const auto endpoint = portmap::parse_universal(universal_address, *transport);
  if (!endpoint || endpoint->port == 0 || portmap::is_any(endpoint->address)) return std::nullopt;
  return Destination{.endpoint = *endpoint, .protocol = portmap::protocol_of(*transport)};
}

}  // namespace ditto::rpc
