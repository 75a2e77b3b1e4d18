#include "state/operation.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "state/letters.hpp"

using namespace ditto::state;
using ditto::test::caching_of;
using ditto::test::letters_of;

namespace {

struct Held {
  const char* name;
  GrantKind kind;
  const char* letters;
};
constexpr std::array<Held, 9> columns{{{"delegation R", GrantKind::Delegation, "RH"},
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
  std::array<const char*, 9> cells;
  const char* deny;
  const char* mandatory;
};
// RFC 8881, 10.4; MS-FSA, 2.1.4.12.
constexpr std::array<Row, operation_count> table{{
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
    {Operation::ChangeEntries, {"-!", "-!", "-", "-", "-!", "-!", "-", "-!", "-!"}, "", ""},
}};

std::string cell_of(const Demand& demand, const Held& held) {
  const Caching before = caching_of(held.letters);
  const Caching left = left_by(demand, held.kind, before);
  std::string cell = letters_of(left);
  if (left != before && must_wait(demand, held.kind, before, left)) cell += "!";
  return cell;
}

std::string deny_of(const Demand& demand) {
  switch (demand.denied_by) {
    case Share::Read: return "read";
    case Share::Write: return "write";
    case Share::Delete: return "delete";
    default: return "";
  }
}

std::string mandatory_of(const Demand& demand) {
  if (!demand.mandatory) return "";
  return *demand.mandatory == LockKind::Shared ? "exclusive" : "any";
}

}  // namespace

TEST_CASE("the conflict table: what an operation leaves to other holders") {
  for (std::size_t i = 0; i < table.size(); ++i) {
    REQUIRE(static_cast<std::size_t>(table[i].operation) == i);
    const Demand& demand = demand_of(table[i].operation);
    for (std::size_t column = 0; column < columns.size(); ++column) {
      INFO(demand.name << " beside " << columns[column].name);
      CHECK(cell_of(demand, columns[column]) == table[i].cells[column]);
    }
    INFO(demand.name);
    CHECK(deny_of(demand) == table[i].deny);
    CHECK(mandatory_of(demand) == table[i].mandatory);
  }
}

TEST_CASE("docs/state.md shows the conflict table as it is") {
  std::ostringstream wanted;
  wanted << "| operation |";
  for (const Held& held : columns) wanted << " " << held.name << " |";
  wanted << " denied by | mandatory locks |\n";
  for (std::size_t i = 0; i < columns.size() + 3; ++i) wanted << (i == 0 ? "| --- |" : " --- |");
  wanted << "\n";
  for (const Row& row : table) {
    const Demand& demand = demand_of(row.operation);
    wanted << "| " << demand.name << " |";
    for (const Held& held : columns) wanted << " " << cell_of(demand, held) << " |";
    wanted << " " << deny_of(demand) << " | " << mandatory_of(demand) << " |\n";
  }
  std::ifstream file(DITTO_DOCS "/state.md");
  const std::string docs{std::istreambuf_iterator<char>(file), {}};
  REQUIRE_FALSE(docs.empty());
  INFO(wanted.str());
  CHECK(docs.find(wanted.str()) != std::string::npos);
}

TEST_CASE("who must say that a grant is given up") {
  CHECK(must_acknowledge(GrantKind::Delegation, caching::rh));
  CHECK_FALSE(must_acknowledge(GrantKind::Lease, caching::r));
  CHECK(must_acknowledge(GrantKind::Lease, caching::rh));
  CHECK(must_acknowledge(GrantKind::Lease, caching::rw));
  CHECK_FALSE(must_acknowledge(GrantKind::Oplock, caching::r));
  CHECK(must_acknowledge(GrantKind::Oplock, caching::rwh));
}
