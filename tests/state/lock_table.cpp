#include "state/lock_table.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "support/seeded_random.hpp"
#include "support/seeds.hpp"

using namespace ditto::state;
using ditto::test::for_each_seed;
using ditto::test::SeededRandom;

namespace {

LockOwner posix(std::uint64_t number) { return {LockRules::Posix, 1, number}; }
LockOwner smb(std::uint64_t number) { return {LockRules::Smb, 2, number}; }
ByteLock lock_of(LockOwner owner, std::uint64_t first, std::uint64_t last, LockKind kind) {
  return {{first, last}, kind, owner};
}
constexpr auto S = LockKind::Shared, X = LockKind::Exclusive;

}  // namespace

TEST_CASE("who conflicts with whom") {
  struct Row {
    LockOwner held_by;
    LockKind held;
    LockOwner wanted_by;
    LockKind wanted;
    bool conflicts;
  };
  const std::array rows{
      Row{posix(1), S, posix(2), S, false}, Row{posix(1), S, posix(2), X, true},  Row{posix(1), X, posix(2), S, true},
      Row{posix(1), X, posix(2), X, true},  Row{posix(1), S, posix(1), X, false}, Row{posix(1), X, posix(1), X, false},
      Row{posix(1), S, smb(1), S, false},   Row{posix(1), X, smb(1), S, true},    Row{posix(1), S, smb(1), X, true},
      Row{smb(1), X, posix(1), S, true},    Row{smb(1), S, posix(1), S, false},   Row{smb(1), S, smb(1), S, false},
      Row{smb(1), S, smb(1), X, true},      Row{smb(1), X, smb(1), S, false},     Row{smb(1), X, smb(1), X, true},
      Row{smb(1), X, smb(2), S, true},
  };
  for (const Row& row : rows) {
    INFO("row " << &row - rows.data());
    CHECK(conflict(lock_of(row.held_by, 5, 9, row.held), lock_of(row.wanted_by, 9, 12, row.wanted)) == row.conflicts);
    CHECK_FALSE(conflict(lock_of(row.held_by, 5, 9, row.held), lock_of(row.wanted_by, 10, 12, row.wanted)));
  }
}

TEST_CASE("POSIX locks of an owner merge, change kind and split") {
  LockTable table;
  const auto kept = [&] { return std::vector<ByteLock>(table.all().begin(), table.all().end()); };
  table.add(lock_of(posix(1), 0, 9, S));
  table.add(lock_of(posix(1), 10, 19, S));
  CHECK(kept() == std::vector{lock_of(posix(1), 0, 19, S)});
  table.add(lock_of(posix(1), 5, 6, X));
  CHECK(kept() == std::vector{lock_of(posix(1), 0, 4, S), lock_of(posix(1), 5, 6, X), lock_of(posix(1), 7, 19, S)});
  CHECK(table.remove(posix(1), {6, 9}));
  CHECK(kept() == std::vector{lock_of(posix(1), 0, 4, S), lock_of(posix(1), 5, 5, X), lock_of(posix(1), 10, 19, S)});
  CHECK_FALSE(table.remove(posix(1), {6, 9}));
  CHECK_FALSE(table.remove(posix(2), {0, 19}));
  table.add(lock_of(posix(1), 0, ByteRange::end_of_file, X));
  CHECK(kept() == std::vector{lock_of(posix(1), 0, ByteRange::end_of_file, X)});
  CHECK(table.remove_owner(posix(1)) == 1);
  CHECK(table.empty());
}

TEST_CASE("SMB locks stay as they were asked for, and unlocking takes one away") {
  LockTable table;
  table.add(lock_of(smb(1), 0, 9, X));
  table.add(lock_of(smb(1), 0, 9, S));
  table.add(lock_of(smb(1), 0, 9, S));
  CHECK(table.size() == 3);
  CHECK(table.any_mandatory());
  CHECK_FALSE(table.remove(smb(1), {0, 8}));
  CHECK(table.remove(smb(1), {0, 9}));
  // The exclusive one went first (MS-FSA, 2.1.5.9): others may read-lock now.
  CHECK_FALSE(table.find_conflict(lock_of(smb(2), 3, 3, S)));
  CHECK(table.find_conflict(lock_of(smb(2), 3, 3, X)));
  CHECK(table.remove(smb(1), {0, 9}));
  CHECK(table.remove(smb(1), {0, 9}));
  CHECK_FALSE(table.any_mandatory());
}

TEST_CASE("SMB locks are mandatory for reads and writes, others are not (MS-FSA, 2.1.4.10)") {
  LockTable table;
  const LockOwner v3{};
  table.add(lock_of(posix(1), 0, 9, X));
  CHECK_FALSE(table.find_mandatory({0, 9}, X, v3));
  table.add(lock_of(smb(1), 10, 19, X));
  table.add(lock_of(smb(1), 20, 29, S));
  struct Row {
    ByteRange range;
    LockKind io;
    LockOwner by;
    bool forbidden;
  };
  const std::array rows{
      Row{{0, 10}, S, v3, true},      Row{{0, 9}, X, v3, false},       Row{{10, 19}, X, smb(1), false},
      Row{{10, 10}, S, smb(2), true}, Row{{20, 29}, S, smb(2), false}, Row{{25, 25}, X, smb(2), true},
      Row{{25, 25}, X, smb(1), true}, Row{{20, 20}, S, v3, false},     Row{{30, 40}, X, v3, false}};
  for (const Row& row : rows) {
    INFO("row " << &row - rows.data());
    CHECK((table.find_mandatory(row.range, row.io, row.by) != nullptr) == row.forbidden);
  }
}

TEST_CASE("POSIX locks are what they are byte by byte, for any history") {
  constexpr std::uint64_t bytes = 12;
  for_each_seed(400, [](std::uint64_t seed) {
    SeededRandom random(seed);
    LockTable table;
    // What each of three owners holds of each byte: 0 nothing, 1 shared, 2 exclusive.
    std::array<std::array<int, bytes>, 3> model{};
    for (int step = 0; step < 60; ++step) {
      const std::size_t who = random.below(3);
      const std::uint64_t first = random.below(bytes), last = first + random.below(bytes - first);
      const bool unlock = random.below(3) == 0;
      const LockKind kind = random.below(2) == 0 ? S : X;
      const auto before_it = static_cast<std::ptrdiff_t>(table.size());
      std::ptrdiff_t growth = 0;
      if (unlock) {
        growth = table.growth_by_removing(posix(who), {first, last});
        table.remove(posix(who), {first, last});
      } else {
        bool blocked = false;
        for (std::uint64_t b = first; b <= last; ++b) {
          for (std::size_t other = 0; other < 3; ++other) {
            blocked |= other != who && model[other][b] != 0 && (kind == X || model[other][b] == 2);
          }
        }
        REQUIRE((table.find_conflict(lock_of(posix(who), first, last, kind)) != nullptr) == blocked);
        if (blocked) continue;
        growth = table.growth_by_adding(lock_of(posix(who), first, last, kind));
        table.add(lock_of(posix(who), first, last, kind));
      }
      REQUIRE(static_cast<std::ptrdiff_t>(table.size()) == before_it + growth);
      for (std::uint64_t b = first; b <= last; ++b) model[who][b] = unlock ? 0 : kind == S ? 1 : 2;

      std::array<std::array<int, bytes>, 3> seen{};
      std::uint64_t before = 0;
      for (const ByteLock& lock : table.all()) {
        REQUIRE(lock.range.first >= before);
        before = lock.range.first;
        for (std::uint64_t b = lock.range.first; b <= lock.range.last; ++b) {
          REQUIRE(seen[lock.owner.number][b] == 0);
          seen[lock.owner.number][b] = lock.kind == S ? 1 : 2;
        }
      }
      REQUIRE(seen == model);
      // Neighbours of one kind are one lock.
      for (std::size_t i = 0; i < 3; ++i) {
        std::size_t runs = 0;
        for (std::uint64_t b = 0; b < bytes; ++b)
          runs += model[i][b] != 0 && (b == 0 || model[i][b - 1] != model[i][b]);
        std::size_t locks = 0;
        for (const ByteLock& lock : table.all()) locks += lock.owner == posix(i);
        REQUIRE(locks == runs);
      }
    }
  });
}
