// The TCP port that metrics are read from, as a socket that listens.
#pragma once

#include <cstdint>

#include "ditto/failure.hpp"
#include "ditto/options.hpp"
#include "store/descriptor.hpp"

namespace ditto::server {

struct MetricsPort {
  store::Descriptor socket;  // does not block
  int family = 0;
  std::uint16_t port = 0;
};

/// AddressInUse, AddressNotAvailable, PermissionDenied, InvalidArgument for no numeric address.
Outcome<MetricsPort> listen_for_metrics(const MetricsOptions& options);

}  // namespace ditto::server
