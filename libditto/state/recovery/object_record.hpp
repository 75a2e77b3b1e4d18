// What is kept of one promise that others could break before it is claimed again after a restart: an open that denies,
// a mandatory lock, what may be cached that excludes others, a persistent handle. It lives in the state store beside
// the record of the client that it was made to, from before the client is answered until it is over. Plain values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "state/byte_range.hpp"
#include "state/caching.hpp"
#include "state/clients/identity.hpp"
#include "state/lock_table.hpp"
#include "state/share_mode.hpp"
#include "state/types.hpp"

namespace ditto::state {

/// Whose a promise is, by names that outlive the server.
struct Claimant {
  OwnerKey client;
  std::string owner;  // the client's own: an open owner, a lock owner, a create GUID
  friend auto operator<=>(const Claimant&, const Claimant&) = default;
};

struct ObjectRecord {
  enum class Kind : std::uint8_t {
    Open,        // with deny bits: NFSv4 share reservations, NLM SHARE
    Lock,        // mandatory: SMB
    Delegation,  // to write
    Directory,   // a grant on a directory
    Handle,      // persistent: SMB
  };
  Kind kind = Kind::Open;
  Incarnation incarnation = 0;  // that made it, and
  std::uint64_t number = 0;     // of the open, lock or grant in that: together its key
  FileKey file;
  Claimant who;
  ShareMode mode;                       // Open, Handle
  ByteRange range;                      // Lock
  LockKind lock = LockKind::Exclusive;  // Lock
  Caching caching = Caching::None;      // Delegation, Directory, Handle
  std::array<std::uint64_t, 2> key{};   // Directory, Handle: of the grant's holder, a lease key
  Principal principal;                  // Handle: who opened it
  std::uint32_t timeout_ms = 0;         // Handle: how long it outlives its connection
  friend bool operator==(const ObjectRecord&, const ObjectRecord&) = default;
};

}  // namespace ditto::state
