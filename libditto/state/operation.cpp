#include "state/operation.hpp"

#include <array>

namespace ditto::state {
namespace {

constexpr Caching H = Caching::Handle, W = Caching::Write, RW = caching::rw;
constexpr auto shared = LockKind::Shared, exclusive = LockKind::Exclusive;

/// The entries of a directory change.
constexpr Demand change_of_entries(std::string_view name, Notices told_as) noexcept {
  return {.name = name,
          .lease = RW,
          .read_delegation = true,
          .write_delegation = true,
          .writes = true,
          .modifies = true,
          .told_as = told_as};
}

// In the order of Operation.
constexpr std::array<Demand, operation_count> demands{{
    {.name = "GETATTR"},
    {.name = "READ", .lease = W, .write_delegation = true, .denied_by = Share::Read, .mandatory = shared},
    {.name = "WRITE",
     .lease = RW,
     .read_delegation = true,
     .write_delegation = true,
     .denied_by = Share::Write,
     .mandatory = exclusive,
     .writes = true,
     .modifies = true},
    {.name = "COMMIT", .writes = true, .modifies = true},
    {.name = "SETATTR of size",
     .lease = RW,
     .read_delegation = true,
     .write_delegation = true,
     .denied_by = Share::Write,
     .mandatory = exclusive,
     .writes = true,
     .modifies = true},
    {.name = "SETATTR",
     .lease = H,
     .read_delegation = true,
     .write_delegation = true,
     .writes = true,
     .modifies = true,
     .told_as = Notices::Attributes},
    {.name = "OPEN to read", .lease = W, .write_delegation = true},
    {.name = "OPEN to write", .lease = W, .read_delegation = true, .write_delegation = true},
    {.name = "OPEN that empties",
     .lease = RW,
     .read_delegation = true,
     .write_delegation = true,
     .writes = true,
     .modifies = true},
    {.name = "LOCK shared", .lease = RW, .write_delegation = true, .writes = true},
    {.name = "LOCK exclusive", .lease = RW, .read_delegation = true, .write_delegation = true, .writes = true},
    {.name = "LINK, RENAME",
     .lease = H,
     .read_delegation = true,
     .write_delegation = true,
     .writes = true,
     .modifies = true},
    {.name = "REMOVE",
     .lease = H,
     .read_delegation = true,
     .write_delegation = true,
     .denied_by = Share::Delete,
     .writes = true,
     .modifies = true},
    {.name = "LOOKUP, READDIR", .lease = W, .write_delegation = true},
    change_of_entries("new entry", Notices::Added),
    change_of_entries("removal of an entry", Notices::Removed),
    change_of_entries("rename of an entry", Notices::Renamed),
}};

}  // namespace

const Demand& demand_of(Operation operation) noexcept { return demands[static_cast<std::size_t>(operation)]; }

}  // namespace ditto::state
