#include "state/grant_table.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "state/letters.hpp"

using namespace ditto::state;
using ditto::test::caching_of;
using ditto::test::letters_of;

namespace {

Holder holder(std::uint64_t client, std::uint64_t key = 0) { return {client, {key, 0}}; }

struct Fixture {
  GrantTable table{FileKey{1, 2}};
  Effects effects;
  GrantId ids = 0;

  /// What `who` has after asking, in letters; "" for no grant.
  std::string ask(const Holder& who, const char* letters, GrantKind kind = GrantKind::Lease) {
    const Grant* grant = table.grant({++ids, who, kind, caching_of(letters)});
    return grant ? letters_of(grant->held) : "";
  }
  bool demand(Operation operation, const Holder& actor, Moment deadline = 100) {
    return table.demand(demand_of(operation), actor, deadline, effects);
  }
  /// The recalls since the last call: "RWH>RH", with a "!" when it is to be acknowledged.
  std::vector<std::string> recalls() {
    std::vector<std::string> found;
    for (const Effect& effect : effects) {
      if (const auto* recall = std::get_if<Recall>(&effect)) {
        found.push_back(letters_of(recall->from) + ">" + letters_of(recall->to) + (recall->acknowledge ? "!" : ""));
      }
    }
    effects.clear();
    return found;
  }
  std::string held(const Holder& who) const {
    const Grant* grant = table.find(who);
    return grant ? letters_of(grant->held) : "";
  }
  GrantId id(const Holder& who) const { return table.find(who)->id; }
  std::uint32_t epoch(const Holder& who) const { return table.find(who)->epoch; }
};
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what is granted beside another holder") {
  struct Row {
    const char *there, *wanted, *granted;
  };
  // In the spirit of smbtorture's lease tables: one client has it, another asks. Opens break Write before they ask.
  const std::array rows{Row{"R", "R", "R"},    Row{"R", "RH", "RH"},  Row{"R", "RW", "R"},   Row{"R", "RWH", "RH"},
                        Row{"RH", "R", "R"},   Row{"RH", "RH", "RH"}, Row{"RH", "RW", "R"},  Row{"RH", "RWH", "RH"},
                        Row{"RW", "R", ""},    Row{"RW", "RWH", ""},  Row{"RWH", "RWH", ""}, Row{"RWH", "R", ""},
                        Row{"", "RWH", "RWH"}, Row{"", "W", ""},      Row{"", "H", ""},      Row{"", "WH", ""},
                        Row{"", "RW", "RW"},   Row{"", "-", ""}};
  for (const Row& row : rows) {
    Fixture f;
    INFO(row.wanted << " beside " << row.there);
    if (*row.there) f.ask(holder(1), row.there);
    CHECK(f.ask(holder(2), row.wanted) == row.granted);
    // Another key of the same client is another holder.
    Fixture same;
    if (*row.there) same.ask(holder(1, 1), row.there);
    CHECK(same.ask(holder(1, 2), row.wanted) == row.granted);
  }
}

TEST_CASE("a holder that asks again gains and never loses by it") {
  struct Row {
    const char *has, *wanted, *then;
  };
  const std::array rows{Row{"R", "R", "R"},     Row{"R", "RH", "RH"},    Row{"R", "RW", "RW"},
                        Row{"R", "RWH", "RWH"}, Row{"RH", "R", "RH"},    Row{"RH", "RWH", "RWH"},
                        Row{"RW", "R", "RW"},   Row{"RW", "RWH", "RWH"}, Row{"RWH", "R", "RWH"}};
  for (const Row& row : rows) {
    Fixture f;
    INFO(row.has << " asks for " << row.wanted);
    f.ask(holder(1), row.has);
    const std::uint32_t epoch = f.table.find(holder(1))->epoch;
    CHECK(f.ask(holder(1), row.wanted) == row.then);
    const bool gained = std::string(row.has) != row.then;
    CHECK(f.table.find(holder(1))->epoch == epoch + (gained ? 1 : 0));
  }
  // Beside another reader Write is not to be had.
  Fixture f;
  f.ask(holder(1), "R");
  f.ask(holder(2), "R");
  CHECK(f.ask(holder(1), "RWH") == "RH");
}

TEST_CASE("a break goes by steps when more is demanded meanwhile") {
  Fixture f;
  f.ask(holder(1), "RWH");
  CHECK(f.demand(Operation::OpenRead, holder(2)));
  CHECK(f.recalls() == Texts{"RWH>RH!"});
  CHECK(f.table.next_deadline() == 100);
  CHECK(f.demand(Operation::Write, holder(2), 300));
  CHECK(f.recalls().empty());
  // While it breaks it gains nothing.
  CHECK(f.ask(holder(1), "RWH") == "RWH");
  CHECK(f.table.acknowledge(f.id(holder(1)), f.epoch(holder(1)), caching_of("RH"), 500, f.effects) == caching_of("RH"));
  CHECK(f.recalls() == Texts{"RH>-!"});
  CHECK(f.table.next_deadline() == 500);
  CHECK_FALSE(f.demand(Operation::Write, holder(2)));
  CHECK(f.table.acknowledge(f.id(holder(1)), f.epoch(holder(1)), Caching::None, 0, f.effects) == Caching::None);
  CHECK(f.table.empty());
}

TEST_CASE("a holder is waited for as long as it counts on what it has not been told to give up") {
  Fixture f;
  f.ask(holder(1), "RH");
  CHECK(f.demand(Operation::SetAttributes, holder(2)));
  CHECK(f.recalls() == Texts{"RH>R!"});
  // It still reads from its cache, and a second break cannot be sent before the first is answered.
  CHECK(f.demand(Operation::Write, holder(2)));
  CHECK(f.table.blocks(demand_of(Operation::Write), holder(2)));
  CHECK(f.recalls().empty());
  CHECK(f.table.acknowledge(f.id(holder(1)), f.epoch(holder(1)), caching_of("R"), 500, f.effects) == caching_of("R"));
  CHECK(f.recalls() == Texts{"R>-"});
  CHECK_FALSE(f.demand(Operation::Write, holder(2)));
  CHECK(f.table.empty());
}

TEST_CASE("an oplock beside another holder is level II") {
  Fixture f;
  f.ask(holder(1), "R");
  CHECK(f.ask(holder(2), "RWH", GrantKind::Oplock) == "R");
  CHECK(f.ask(holder(3), "RH", GrantKind::Oplock) == "R");
  CHECK_FALSE(f.demand(Operation::Write, holder(9)));
  CHECK(f.recalls() == Texts{"R>-", "R>-", "R>-"});
}

TEST_CASE("acknowledging more than was left, twice, or unasked is refused") {
  Fixture f;
  f.ask(holder(1), "RWH");
  const GrantId id = f.id(holder(1));
  std::uint32_t epoch = f.epoch(holder(1));
  CHECK_FALSE(f.table.acknowledge(id, epoch, caching_of("R"), 0, f.effects));
  CHECK(f.demand(Operation::Read, holder(2)));
  CHECK(std::get<Recall>(f.effects[0]).epoch == f.epoch(holder(1)));
  epoch = f.epoch(holder(1));
  CHECK(f.table.acknowledge(id, epoch, caching_of("RWH"), 0, f.effects).error() == Refusal::NotHeld);
  CHECK(f.table.acknowledge(id, epoch, caching_of("R"), 0, f.effects) == caching_of("R"));
  CHECK_FALSE(f.table.acknowledge(id, epoch, caching_of("R"), 0, f.effects));
  CHECK_FALSE(f.table.acknowledge(id + 1, epoch, caching_of("R"), 0, f.effects));
}

TEST_CASE("the answer to an older break is refused, though it would keep little enough") {
  Fixture f;
  f.ask(holder(1), "RWH");
  CHECK(f.demand(Operation::Read, holder(2)));
  const std::uint32_t first = std::get<Recall>(f.effects[0]).epoch;
  const GrantId id = f.id(holder(1));
  CHECK(f.table.acknowledge(id, first, caching_of("RH"), 0, f.effects) == caching_of("RH"));
  f.effects.clear();
  CHECK(f.demand(Operation::SetAttributes, holder(2)));
  const std::uint32_t second = std::get<Recall>(f.effects[0]).epoch;
  CHECK(second > first);
  CHECK(f.table.acknowledge(id, first, caching_of("R"), 0, f.effects).error() == Refusal::NotHeld);
  CHECK(f.table.find(id)->breaking);
  CHECK(f.table.acknowledge(id, second, caching_of("R"), 0, f.effects) == caching_of("R"));
}

TEST_CASE("what may only be read is broken by a word") {
  Fixture f;
  f.ask(holder(1), "R");
  f.ask(holder(2), "RH");
  f.ask(holder(3), "R");
  CHECK_FALSE(f.demand(Operation::Write, holder(3)));
  CHECK(f.recalls() == Texts{"R>-", "RH>-!"});
  CHECK(f.held(holder(1)) == "");
  CHECK(f.held(holder(3)) == "R");
  CHECK(f.table.find(holder(2))->breaking);
}

TEST_CASE("a delegation is all or nothing, and its recall is waited for") {
  Fixture f;
  CHECK(f.ask(holder(1), "RH", GrantKind::Delegation) == "RH");
  CHECK(f.ask(holder(2), "RH", GrantKind::Delegation) == "RH");
  CHECK_FALSE(f.demand(Operation::Read, holder(3)));
  CHECK_FALSE(f.demand(Operation::OpenRead, holder(3)));
  CHECK(f.demand(Operation::OpenWrite, holder(1)));
  CHECK(f.recalls() == Texts{"RH>-!"});
  CHECK(f.table.give_back(f.id(holder(2))));
  CHECK_FALSE(f.demand(Operation::OpenWrite, holder(1)));
  CHECK(f.ask(holder(1), "RWH", GrantKind::Delegation) == "RWH");
  CHECK(f.demand(Operation::Read, Holder{}));
  CHECK(f.recalls() == Texts{"RWH>-!"});
}

TEST_CASE("a break that is overdue takes the grant") {
  Fixture f;
  f.ask(holder(1), "RWH");
  CHECK(f.demand(Operation::Read, holder(2), 100));
  f.effects.clear();
  CHECK_FALSE(f.table.advance(99, f.effects));
  CHECK(f.table.advance(100, f.effects));
  REQUIRE(f.effects.size() == 1);
  CHECK(std::get<Revoked>(f.effects[0]).holder == holder(1));
  CHECK(f.table.empty());
  CHECK(f.table.next_deadline() == never);
}

TEST_CASE("grants on a node are bounded") {
  Fixture f;
  for (std::uint64_t i = 1; i <= GrantTable::max_grants; ++i) REQUIRE(f.ask(holder(i), "R") == "R");
  CHECK(f.ask(holder(9999), "R").empty());
  CHECK(f.table.drop_client(7) == 1);
  CHECK(f.ask(holder(9999), "R") == "R");
}
