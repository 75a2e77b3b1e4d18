#include "base/function_ref.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

using ditto::FunctionRef;

namespace {

int twice(int value) { return 2 * value; }
int apply(FunctionRef<int(int)> function, int value) { return function(value); }

}  // namespace

TEST_CASE("a reference calls what it refers to", "[base]") {
  int calls = 0;
  auto counting = [&](int value) { return value + ++calls; };
  CHECK(apply(counting, 10) == 11);
  CHECK(apply(counting, 10) == 12);
  CHECK(calls == 2);
  CHECK(apply([](int value) { return value - 1; }, 10) == 9);
  CHECK(apply(&twice, 10) == 20);
}

TEST_CASE("a const callable, a mutable one and one whose result is dropped", "[base]") {
  const auto constant = [](int value) { return value; };
  CHECK(apply(constant, 5) == 5);
  int state = 0;
  auto counting = [&state]() mutable { return ++state; };
  FunctionRef<void()> drop = counting;
  drop();
  CHECK(state == 1);
}

TEST_CASE("arguments are forwarded, move-only ones too", "[base]") {
  auto take = [](std::unique_ptr<int> owned, const std::string& text) {
    return *owned + static_cast<int>(text.size());
  };
  FunctionRef<int(std::unique_ptr<int>, const std::string&)> reference = take;
  CHECK(reference(std::make_unique<int>(40), "ab") == 42);
}

TEST_CASE("copies refer to the same callable", "[base]") {
  int calls = 0;
  auto count = [&] { ++calls; };
  FunctionRef<void()> one = count;
  FunctionRef<void()> two = one;
  one();
  two();
  CHECK(calls == 2);
}
