#include "state/operation.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "state/conflict_table.hpp"
#include "state/grant_table.hpp"

using namespace ditto::state;
using ditto::test::caching_of;
using ditto::test::letters_of;
using namespace ditto::test::conflicts;

namespace {

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

TEST_CASE("every grant that there can be is a column of the conflict table") {
  const auto is_column = [](GrantKind kind, Caching held) {
    return std::ranges::any_of(
        columns, [&](const Held& column) { return column.kind == kind && caching_of(column.letters) == held; });
  };
  for (const GrantKind kind : {GrantKind::Lease, GrantKind::Oplock}) {
    for (std::uint8_t set = 0; set < 8; ++set) {
      GrantTable grants{FileKey{}};
      const Grant* grant = grants.grant({1, {1, {}}, kind, Caching(set)});
      INFO(letters_of(Caching(set)));
      if (grant) CHECK(is_column(kind, grant->held));
    }
  }
  // NFS has no other (RFC 8881, 10.4).
  CHECK(is_column(GrantKind::Delegation, caching::rh));
  CHECK(is_column(GrantKind::Delegation, caching::rwh));
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
