// How those who must call a peer that has no connection to us get at it: NFSv4.0's callbacks, lock managers, portmaps.
// Only the interface, so that they are tested without a network; sockets are server/net/dialer.hpp's. Belongs to the
// server; any thread that runs a loop may call.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>

#include "rpc/portmap/universal_address.hpp"
#include "rpc/remote.hpp"

namespace ditto::rpc {

struct Destination {
  portmap::Endpoint endpoint;
  portmap::Protocol protocol = portmap::Protocol::Tcp;
  /// From a port below 1024, which some peers demand; from any when there is none to be had.
  bool from_privileged_port = false;
};

/// What a peer gave as its address, by a network identifier and a universal address: r_netid and r_addr of NFSv4.0's
/// clientaddr4 (RFC 7530, 2.2.3). nullopt when nobody can be called there; clients that want no calls give 0.0.0.0.0.0.
std::optional<Destination> destination_of(std::string_view netid, std::string_view universal_address);

using DialResult = std::expected<std::shared_ptr<Remote>, CallError>;

class Dialer {
 public:
  virtual ~Dialer() = default;

  /// Awaited on the thread of `loop`, which it comes back to. By UDP nothing is sent yet, and calls are sent again until
  /// they are answered. The connection is closed when the last one lets go of the Remote, or when the peer closes it:
  /// then it is gone, and it is for the caller to dial anew. Throws std::bad_alloc.
  virtual Task<DialResult> dial(Destination destination, std::uint64_t deadline_ns, Executor& loop) = 0;
};

}  // namespace ditto::rpc
