// NFS version 4 (RFC 7530, RFC 8881, RFC 7862) as a program to register with an rpc server: program 100003, version 4.
// The Service is what its handlers share, and where clients, sessions and stateids come in, whose state it does not
// keep itself. It belongs to the server and outlives its connections. Handlers run on any loop.
#pragma once

#include <cstdint>

#include "gate/share.hpp"
#include "nfs/v4/id_map.hpp"

namespace ditto::rpc {
class Program;
}

namespace ditto::nfs4 {

class Keeper;
class Sessions;
class Stateids;

/// The minor versions that are answered; all others are NFS4ERR_MINOR_VERS_MISMATCH.
struct MinorVersions {
  bool v0 = true, v1 = true, v2 = true;
  bool has(std::uint32_t minor) const noexcept {
    return (minor == 0 && v0) || (minor == 1 && v1) || (minor == 2 && v2);
  }
};

struct Service {
  const gate::Shares& shares;
  MinorVersions minor_versions{};
  std::uint32_t lease_seconds = 90;
  std::uint32_t max_operations = 64;  // of a COMPOUND: more are refused before the first
  const IdMap& ids = numeric_ids();
  Keeper* keeper = nullptr;      // none: whatever needs clients, opens or locks is not supported
  Sessions* sessions = nullptr;  // the keeper, or a test's
  Stateids* stateids = nullptr;  //
};

/// NULL and COMPOUND over `service`, which must outlive the program.
rpc::Program program(Service& service);

}  // namespace ditto::nfs4
