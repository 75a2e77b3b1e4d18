// The simulated world, with many seeds: no rule is broken, and everything that can be met is.
#include <catch2/catch.hpp>

#include "report.hpp"
#include "runs.hpp"
#include "support/seeds.hpp"

using namespace ditto;

namespace {

constexpr std::uint64_t usual_seed_count = 10'000;

}  // namespace

TEST_CASE("clients of all kinds over one server: no rule is broken, in any order of events") {
  const std::uint64_t only = test::only_seed();
  const std::uint64_t first = only != 0 ? only : 1;
  const std::uint64_t last = only != 0 ? only : test::seed_count(usual_seed_count);
  sim::Tally tally;
  const auto failure = sim::run_seeds(first, last, sim::usual_steps, tally);
  sim::print(tally);
  if (failure) {
    FAIL("rule " << static_cast<int>(failure->violation.rule) << ": " << failure->violation.what
                 << "\nreplay it with DITTO_SEED=" << failure->seed
                 << " tests/simulation/test-simulation; its last steps were:\n"
                 << failure->trace);
  }
  for (const std::string& never : sim::missing(tally)) {
    INFO(never);
    CHECK_FALSE(test::usual_seeds());
  }
  SUCCEED("nothing was broken");
}
