// Who is told what, when: durable numbers, lost ones, and the many ranges of them.
#include "store/kv/durable_tracker.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace ditto;
using namespace ditto::store;

namespace {

struct Wait : DurableWait {
  Wait(std::vector<Lsn>& order, Lsn number) : told_in(order) {
    lsn = number;
    done = [](DurableWait* self, Result<void> result) {
      auto* mine = static_cast<Wait*>(self);
      mine->told_in.push_back(mine->lsn);
      mine->outcome = result;
    };
  }
  std::vector<Lsn>& told_in;
  std::optional<Result<void>> outcome;
};

}  // namespace

TEST_CASE("whoever waits is told in order, once its number is durable", "[tracker]") {
  DurableTracker tracker(10);
  std::vector<Lsn> told;
  Wait nine(told, 9), fourteen(told, 14), twelve(told, 12), eleven(told, 11), twelve_again(told, 12);
  for (Wait* wait : {&nine, &fourteen, &twelve, &eleven, &twelve_again}) tracker.when_durable(*wait);
  CHECK(told == std::vector<Lsn>{9});
  tracker.advance(12);
  CHECK(told == std::vector<Lsn>{9, 11, 12, 12});
  CHECK(tracker.durable() == 12);
  tracker.advance(11);
  CHECK(tracker.durable() == 12);
  tracker.advance(20);
  CHECK(told.back() == 14);
  CHECK(fourteen.outcome->has_value());
}

TEST_CASE("lost numbers are told so, then and later", "[tracker]") {
  DurableTracker tracker(0);
  std::vector<Lsn> told;
  Wait one(told, 1), two(told, 2), three(told, 3), five(told, 5);
  for (Wait* wait : {&one, &two, &three, &five}) tracker.when_durable(*wait);
  tracker.advance(1);
  tracker.take_back(2, 4, Error::NoSpace);
  CHECK(told == std::vector<Lsn>{1, 2, 3});
  CHECK(two.outcome->error() == Error::NoSpace);
  tracker.advance(5);
  CHECK(five.outcome->has_value());
  tracker.take_back(6, 7, Error::Io);
  tracker.advance(8);
  for (const auto& [number, expected] : std::vector<std::pair<Lsn, std::optional<Error>>>{
           {1, {}}, {2, Error::NoSpace}, {4, Error::NoSpace}, {5, {}}, {6, Error::Io}, {7, Error::Io}, {8, {}}}) {
    const auto outcome = tracker.wait_durable(number);
    INFO(number);
    CHECK(outcome.has_value() == !expected.has_value());
    if (expected && !outcome) CHECK(outcome.error() == *expected);
  }
}

TEST_CASE("no more than a bounded number of lost ranges is kept, and none is forgotten", "[tracker]") {
  DurableTracker tracker(0);
  const Lsn ranges = 2 * max_lost_ranges;
  for (Lsn i = 0; i < ranges; ++i) {
    tracker.take_back(3 * i + 1, 3 * i + 2, Error::NoSpace);
    tracker.advance(3 * i + 3);
  }
  int wrongly_kept = 0;
  for (Lsn i = 0; i < ranges; ++i) {
    if (tracker.wait_durable(3 * i + 1) || tracker.wait_durable(3 * i + 2)) ++wrongly_kept;
  }
  CHECK(wrongly_kept == 0);
  // The newer ones are still told apart from what lies between.
  CHECK(tracker.wait_durable(3 * (ranges - 5) + 3).has_value());
  CHECK(tracker.wait_durable(3 * ranges).has_value());
}

TEST_CASE("runs of lost numbers that follow each other are one", "[tracker]") {
  DurableTracker tracker(0);
  tracker.take_back(1, 5, Error::NoSpace);
  tracker.take_back(6, 9, Error::NoSpace);
  tracker.take_back(10, 10, Error::Io);
  CHECK(tracker.wait_durable(9).error() == Error::NoSpace);
  CHECK(tracker.wait_durable(10).error() == Error::Io);
}

TEST_CASE("the end cancels whoever still waits", "[tracker]") {
  std::vector<Lsn> told;
  Wait never(told, 99);
  {
    DurableTracker tracker(0);
    tracker.when_durable(never);
    CHECK(told.empty());
  }
  REQUIRE(never.outcome.has_value());
  CHECK(never.outcome->error() == Error::Cancelled);
}
