#include "base/alarms.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "support/manual_alarms.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

struct Named : Alarm {
  Named(std::string& ran, char own) : order(ran), name(own) {
    run = [](Job* job) {
      auto& self = *static_cast<Named*>(job);
      self.order += self.name;
    };
  }
  std::string& order;
  const char name;
};

}  // namespace

TEST_CASE("Alarms run when their time has come, in its order") {
  ManualClock clock;
  ManualAlarms alarms(clock);
  std::string order;
  Named a(order, 'a'), b(order, 'b'), c(order, 'c'), d(order, 'd');
  alarms.set(a, 30);
  alarms.set(b, 10);
  alarms.set(c, 20);
  alarms.set(d, 10);  // behind b, which came first
  CHECK(alarms.run() == 0);
  clock.advance_ns(19);
  CHECK(alarms.run() == 2);
  CHECK(order == "bd");
  CHECK_FALSE(b.is_set);
  CHECK(a.is_set);
  clock.advance_ns(100);
  alarms.set(b, 0);
  CHECK(alarms.run() == 3);
  CHECK(order == "bdbca");
  CHECK_FALSE(alarms.any());
}

TEST_CASE("A cancelled alarm does not run, wherever it was, and may be set again") {
  ManualClock clock;
  ManualAlarms alarms(clock);
  std::string order;
  Named a(order, 'a'), b(order, 'b'), c(order, 'c');
  Named* const all[] = {&a, &b, &c};
  for (Named* unwanted : all) {
    order.clear();
    for (Named* each : all) alarms.set(*each, clock.monotonic_ns() + 5);
    alarms.cancel(*unwanted);
    alarms.cancel(*unwanted);
    clock.advance_ns(5);
    CHECK(alarms.run() == 2);
    CHECK(order.find(unwanted->name) == std::string::npos);
  }
}
