// Who an NFSv4 client is: its owner string and verifier, its principal, and what of it survives a restart. No wire
// format: strings hold opaque bytes. Plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "state/types.hpp"

namespace ditto::state {

/// Clients of 4.0 and of 4.1 (and 4.2) with the same owner string are different clients. Nlm: hosts that lock
/// through it. Smb: in the records of objects only.
enum class Protocol : std::uint8_t { Nfs40, Nfs41, Nlm, Smb };

/// What a client calls itself (nfs_client_id4.id, co_ownerid).
struct OwnerKey {
  Protocol protocol = Protocol::Nfs41;
  std::string owner;
  friend auto operator<=>(const OwnerKey&, const OwnerKey&) = default;
};

/// The incarnation of a client, as it chose it (verifier4).
using Verifier = std::uint64_t;

/// Flavor and who, as bytes that are only compared.
using Principal = std::string;

/// Where a 4.0 client wants its callbacks; opaque here.
struct CallbackAddress {
  std::uint32_t program = 0;
  std::uint32_t ident = 0;
  std::string netid;
  std::string address;
  friend bool operator==(const CallbackAddress&, const CallbackAddress&) = default;
};

/// What is kept of a client in the state store, from before its first open or lock. The id is the key; of several
/// records with the same owner the one with the greatest id counts.
struct ClientRecord {
  ClientId id = 0;
  OwnerKey key;
  Principal principal;
  bool reclaim_complete = false;
  /// Its state was given up for somebody else, or ran out: nothing is left to reclaim. RFC 8881, 8.4.3, first boolean.
  bool revoked = false;
  /// Grace ended before its RECLAIM_COMPLETE, so others may have got what it believes to hold. 8.4.3, second boolean.
  bool cut_off = false;
  friend bool operator==(const ClientRecord&, const ClientRecord&) = default;
};

}  // namespace ditto::state
