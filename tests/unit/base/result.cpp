#include "base/result.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace ditto;

TEST_CASE("every error has a name of its own", "[base]") {
  std::set<std::string> names;
  const int last = static_cast<int>(Error::Fault);
  for (int i = 0; i <= last; ++i) names.emplace(to_string(static_cast<Error>(i)));
  CHECK(names.size() == static_cast<std::size_t>(last) + 1);
  CHECK(names.contains("WouldBlock"));
}

TEST_CASE("a result carries a value or an error", "[base]") {
  const Result<int> good = 7;
  const Result<int> bad = fail(Error::Stale);
  CHECK(good.value() == 7);
  REQUIRE(!bad);
  CHECK(bad.error() == Error::Stale);
}
