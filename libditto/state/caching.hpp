// Caching grants, the neutral word for NFS delegation, SMB oplock and SMB lease: what a holder may keep to itself.
// Plain values.
#pragma once

#include <array>
#include <cstdint>

#include "state/types.hpp"

namespace ditto::state {

/// What may be cached, numbered as SMB2 leases number it (MS-SMB2, 2.2.13.2.8).
enum class Caching : std::uint8_t {
  None = 0,
  Read = 1,    // contents and attributes, or a directory's entries
  Handle = 2,  // opens may be kept, or made, without a word
  Write = 4,   // changes may be kept for a while
};
constexpr Caching operator|(Caching a, Caching b) noexcept { return Caching(std::uint8_t(a) | std::uint8_t(b)); }
constexpr Caching operator&(Caching a, Caching b) noexcept { return Caching(std::uint8_t(a) & std::uint8_t(b)); }
constexpr Caching without(Caching a, Caching b) noexcept { return Caching(std::uint8_t(a) & ~std::uint8_t(b)); }
constexpr bool any(Caching a) noexcept { return a != Caching::None; }
constexpr bool within(Caching part, Caching whole) noexcept { return without(part, whole) == Caching::None; }

namespace caching {
inline constexpr Caching r = Caching::Read, rw = Caching::Read | Caching::Write, rh = Caching::Read | Caching::Handle,
                         rwh = rh | Caching::Write;
}

/// Nothing is worth holding without Read: the four sets of MS-SMB2 are none, R, RW, RH and RWH.
constexpr Caching usable(Caching wanted) noexcept { return any(wanted & Caching::Read) ? wanted : Caching::None; }

/// How a grant of one protocol is given back.
enum class GrantKind : std::uint8_t {
  Delegation,  // NFS: all or nothing
  Lease,       // SMB 2.1 and later: down to any usable set
  Oplock,      // SMB: exclusive or batch down to level II, which goes without acknowledgement
};

/// Who holds: a client and a key of its own choosing, shared by many opens and connections. The same key never
/// conflicts with itself; another key of the same client does. NFS has one key for each client.
struct Holder {
  ClientId client = nobody;
  std::array<std::uint64_t, 2> key{};
  friend auto operator<=>(const Holder&, const Holder&) = default;
};

using GrantId = std::uint64_t;

}  // namespace ditto::state
