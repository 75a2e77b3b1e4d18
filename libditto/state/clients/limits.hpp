// Every bound on what NFSv4 clients can make the server keep, and the times that leases go by. Plain values; fixed for
// the life of a Clients.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ditto::state {

struct ClientLimits {
  /// How long a client may be silent before its state may go: the attribute lease_time. Also the most that grace lasts.
  std::uint64_t lease_ns = 90'000'000'000;
  /// How long the state of a client whose lease ran out stays while nobody wants what it holds; 0: not at all.
  std::uint64_t courtesy_ns = 24ull * 3600 * 1'000'000'000;
  /// How long to wait before something is persisted again that failed.
  std::uint64_t retry_ns = 1'000'000'000;

  /// Confirmed and unconfirmed clients of all NFSv4 versions together.
  std::size_t clients = 10'000;
  /// Longest owner string and longest principal (NFS4_OPAQUE_LIMIT).
  std::size_t owner_bytes = 1024;
  /// Records of revoked clients that are kept for the next start; without its record a client cannot reclaim either.
  std::size_t revoked_records = 10'000;

  std::size_t sessions_per_client = 64;
  /// Connections bound to one session; the one bound first is forgotten for another.
  std::size_t connections_per_session = 64;
  /// Requests at a time in one session.
  std::uint32_t slots = 64;
  /// Longest request, with the RPC header: a WRITE of limits::io_bytes and what is around it.
  std::uint32_t request_bytes = (1u << 20) + 4096;
  /// Longest reply, with the RPC header.
  std::uint32_t response_bytes = (1u << 20) + 4096;
  /// Longest reply that a slot keeps for a retry.
  std::uint32_t cached_bytes = 4096;
  /// Operations in one COMPOUND.
  std::uint32_t operations = 64;
  /// A channel whose requests or replies are shorter than this cannot carry a SEQUENCE.
  std::uint32_t least_message_bytes = 256;
  /// Memory for kept replies of all sessions and of all NFSv4.0 owners.
  std::size_t reply_bytes = std::size_t{128} << 20;

  /// State that one client may hold.
  std::uint32_t opens_per_client = 100'000;
  std::uint32_t locks_per_client = 100'000;  // lock states, and as many ranges
  std::uint32_t grants_per_client = 100'000;
  /// Open owners and lock owners of one NFSv4.0 client.
  std::size_t owners_per_client = 10'000;
  /// Longest reply that is kept for an NFSv4.0 owner: a denied LOCK with a long owner of the other's lock fits.
  std::size_t owner_reply_bytes = 2048;
};

}  // namespace ditto::state
