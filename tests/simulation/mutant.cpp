// A server with one mistake planted in it (meson.build says which): the simulated world finds it, and by the rule that
// it breaks, within a few seeds. That shows that the rule is looked at, and that the steps come where it matters.
#include <catch2/catch.hpp>
#include <cstdio>

#include "planted.hpp"
#include "runs.hpp"

using namespace ditto;

TEST_CASE("a planted mistake is found") {
  constexpr std::uint64_t seeds = 2000;
  sim::Tally tally;
  const auto failure = sim::run_seeds(1, seeds, sim::usual_steps, tally);
  INFO("the mistake: " << sim::planted_name);
  REQUIRE(failure);
  INFO("seed " << failure->seed << ": " << failure->violation.what);
  CHECK(static_cast<int>(failure->violation.rule) == sim::planted_rule);
  CHECK_FALSE(failure->trace.empty());
  std::printf("%.*s: rule %d with seed %llu: %s\n", static_cast<int>(sim::planted_name.size()),
              sim::planted_name.data(), static_cast<int>(failure->violation.rule),
              static_cast<unsigned long long>(failure->seed), failure->violation.what.c_str());
}
