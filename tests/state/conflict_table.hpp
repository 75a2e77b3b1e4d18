// The conflict table of docs/state.md in letters, for all tests that go through its cells: what an operation leaves to
// another holder, by what is held. That the code says the same is one test (state/operation.cpp), that the gate does
// the same another (unit/gate/conflict_table.cpp).
#pragma once

#include <array>
#include <string>

#include "state/letters.hpp"
#include "state/operation.hpp"

namespace ditto::test::conflicts {

using state::GrantKind;
using state::Operation;
using state::operation_count;

struct Held {
  const char* name;
  GrantKind kind;
  const char* letters;
};
inline constexpr std::array<Held, 9> columns{{{"delegation R", GrantKind::Delegation, "RH"},
                                              {"delegation W", GrantKind::Delegation, "RWH"},
                                              {"lease R", GrantKind::Lease, "R"},
                                              {"lease RH", GrantKind::Lease, "RH"},
                                              {"lease RW", GrantKind::Lease, "RW"},
                                              {"lease RWH", GrantKind::Lease, "RWH"},
                                              {"oplock II", GrantKind::Oplock, "R"},
                                              {"oplock exclusive", GrantKind::Oplock, "RW"},
                                              {"oplock batch", GrantKind::Oplock, "RWH"}}};

struct Row {
  Operation operation;
  /// What is left to another holder, a cell for each column; "!": the operation waits until it has said so.
  std::array<const char*, columns.size()> cells;
  const char* deny;
  const char* mandatory;
};
// RFC 8881, 10.4; MS-FSA, 2.1.4.12.
inline constexpr std::array<Row, operation_count> table{{
    {Operation::GetAttributes, {"RH", "RWH", "R", "RH", "RW", "RWH", "R", "RW", "RWH"}, "", ""},
    {Operation::Read, {"RH", "-!", "R", "RH", "R!", "RH!", "R", "R!", "R!"}, "read", "exclusive"},
    {Operation::Write, {"-!", "-!", "-", "-", "-!", "-!", "-", "-!", "-!"}, "write", "any"},
    {Operation::Commit, {"RH", "RWH", "R", "RH", "RW", "RWH", "R", "RW", "RWH"}, "", ""},
    {Operation::SetSize, {"-!", "-!", "-", "-", "-!", "-!", "-", "-!", "-!"}, "write", "any"},
    {Operation::SetAttributes, {"-!", "-!", "R", "R!", "RW", "RW!", "R", "RW", "R!"}, "", ""},
    {Operation::OpenRead, {"RH", "-!", "R", "RH", "R!", "RH!", "R", "R!", "R!"}, "", ""},
    {Operation::OpenWrite, {"-!", "-!", "R", "RH", "R!", "RH!", "R", "R!", "R!"}, "", ""},
    {Operation::Overwrite, {"-!", "-!", "-", "-", "-!", "-!", "-", "-!", "-!"}, "", ""},
    {Operation::LockShared, {"RH", "-!", "-", "-", "-!", "-!", "-", "-!", "-!"}, "", ""},
    {Operation::LockExclusive, {"-!", "-!", "-", "-", "-!", "-!", "-", "-!", "-!"}, "", ""},
    {Operation::ChangeLinks, {"-!", "-!", "R", "R!", "RW", "RW!", "R", "RW", "R!"}, "", ""},
    {Operation::Unlink, {"-!", "-!", "R", "R!", "RW", "RW!", "R", "RW", "R!"}, "delete", ""},
    {Operation::List, {"RH", "-!", "R", "RH", "R!", "RH!", "R", "R!", "R!"}, "", ""},
    {Operation::AddEntry, {"-!", "-!", "-", "-", "-!", "-!", "-", "-!", "-!"}, "", ""},
    {Operation::RemoveEntry, {"-!", "-!", "-", "-", "-!", "-!", "-", "-!", "-!"}, "", ""},
    {Operation::RenameEntry, {"-!", "-!", "-", "-", "-!", "-!", "-", "-!", "-!"}, "", ""},
}};

}  // namespace ditto::test::conflicts
