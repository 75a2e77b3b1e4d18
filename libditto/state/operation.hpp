// The conflict table of the gate, as data: what an operation demands of those who hold something on the node that it
// touches. docs/state.md shows it as a table of operation by what is held; each cell has a test. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "state/caching.hpp"
#include "state/lock_table.hpp"
#include "state/notices.hpp"
#include "state/share_mode.hpp"

namespace ditto::state {

enum class Operation : std::uint8_t {
  GetAttributes,  // size, times and change counter
  Read,           //
  Write,          //
  Commit,         //
  SetSize,        //
  SetAttributes,  // anything else about the node
  OpenRead,       // an open that will not write
  OpenWrite,      //
  Overwrite,      // an open that empties the file
  LockShared,     //
  LockExclusive,  //
  ChangeLinks,    // LINK, and RENAME of the node itself
  Unlink,         // the node loses a name, or is replaced
  List,           // LOOKUP, READDIR
  AddEntry,       // to the directory: created, linked, or renamed from elsewhere, perhaps over another one
  RemoveEntry,    // from it: removed, or renamed to elsewhere
  RenameEntry,    // within it
};
inline constexpr std::size_t operation_count = 17;

struct Demand {
  std::string_view name;
  /// What leases and oplocks of other holders must not have beside it (MS-FSA, 2.1.4.12).
  Caching lease = Caching::None;
  /// Whether delegations of other holders are recalled (RFC 8881, 10.4).
  bool read_delegation = false, write_delegation = false;
  /// The deny bit of others' opens that forbids it to whoever has no open of its own.
  Share denied_by = Share::None;
  /// Mandatory locks that overlap forbid it, as an access of this kind.
  std::optional<LockKind> mandatory;
  /// It is one of the writers where the word on a node tells readers from writers: what only a reader may hold beside
  /// it, a writer may not.
  bool writes = false;
  /// It changes the tree, which a read-only share refuses.
  bool modifies = false;
  /// Whoever is told of that need not give his delegation of the directory up (RFC 8881, 10.9.2).
  Notices told_as = Notices::None;
};

const Demand& demand_of(Operation operation) noexcept;

/// What is left of `held` once `demand` is met.
constexpr Caching left_by(const Demand& demand, GrantKind kind, Caching held) noexcept {
  switch (kind) {
    case GrantKind::Delegation: {
      const bool recalled = any(held & Caching::Write) ? demand.write_delegation : demand.read_delegation;
      return recalled ? Caching::None : held;
    }
    case GrantKind::Lease: return usable(without(held, demand.lease));
    case GrantKind::Oplock: {
      // Level II is all that is left of the others (MS-SMB2, 2.2.14), and nothing of level II.
      const Caching left = usable(without(held, demand.lease));
      return left == held ? held : left & Caching::Read;
    }
  }
  return Caching::None;
}

/// Whether a holder that goes from `held` to `left` must say so. What may only be read is gone by being told.
constexpr bool must_acknowledge(GrantKind kind, Caching held) noexcept {
  return kind == GrantKind::Delegation || any(held & (Caching::Write | Caching::Handle));
}

/// Whether the operation waits for that. An SMB holder that loses no more than Read is told, and not waited for
/// (MS-FSA, 2.1.4.12: NeedToWait).
constexpr bool must_wait(const Demand& demand, GrantKind kind, Caching held, Caching left) noexcept {
  if (kind == GrantKind::Delegation) return true;
  const Caching lost = without(held, left);
  return any(lost & Caching::Write) || any(lost & demand.lease & Caching::Handle);
}

}  // namespace ditto::state
