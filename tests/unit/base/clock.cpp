#include "base/clock.hpp"

#include <catch2/catch.hpp>

TEST_CASE("the system's clocks move forward and make sense", "[base]") {
  ditto::Clock& clock = ditto::system_clock();
  const ditto::Timestamp now = clock.now();
  CHECK(now.seconds > 1'700'000'000);
  CHECK(now.nanoseconds < 1'000'000'000);
  const auto first = clock.monotonic_ns();
  auto later = first;
  for (int tries = 0; tries < 1'000'000 && later == first; ++tries) later = clock.monotonic_ns();
  CHECK(later > first);
}

TEST_CASE("times before 1970 compare as times do", "[base]") {
  using ditto::Timestamp;
  CHECK(Timestamp{.seconds = -1, .nanoseconds = 999'999'999} < Timestamp{});
  CHECK(Timestamp{.seconds = 1, .nanoseconds = 2} > Timestamp{.seconds = 1, .nanoseconds = 1});
}
