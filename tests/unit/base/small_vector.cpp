#include "base/small_vector.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <string>
#include <vector>

using ditto::SmallVector;

TEST_CASE("the first elements live in the vector itself", "[base]") {
  SmallVector<int, 4> vector;
  for (int i = 0; i < 4; ++i) vector.push_back(i);
  const auto inside = [&](const int* p) {
    const auto* object = reinterpret_cast<const std::byte*>(&vector);
    const auto* at = reinterpret_cast<const std::byte*>(p);
    return at >= object && at < object + sizeof vector;
  };
  CHECK(inside(vector.data()));
  vector.push_back(4);
  CHECK(!inside(vector.data()));
  CHECK(vector.size() == 5);
  CHECK(vector.front() == 0);
  CHECK(vector.back() == 4);
}

TEST_CASE("a small vector agrees with a vector", "[base]") {
  // Strings, so that every construction and destruction counts for a sanitizer.
  std::mt19937 random(3);
  SmallVector<std::string, 3> mine;
  std::vector<std::string> model;
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 8) {
      case 0:
      case 1:
      case 2: {
        const std::string text(random() % 40, 'x');
        mine.push_back(text);
        model.push_back(text);
        break;
      }
      case 3:
        if (!model.empty()) {
          mine.pop_back();
          model.pop_back();
        }
        break;
      case 4: {
        const std::size_t count = model.empty() ? 0 : random() % model.size();
        mine.erase_front(count);
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(count));
        break;
      }
      case 5: {
        auto copy = mine;
        mine = copy;
        break;
      }
      case 6: {
        auto moved = std::move(mine);
        REQUIRE(mine.empty());  // NOLINT(bugprone-use-after-move): a moved-from vector is empty
        mine = std::move(moved);
        break;
      }
      default:
        if (random() % 20 == 0) {
          mine.clear();
          model.clear();
        }
    }
    REQUIRE(std::equal(mine.begin(), mine.end(), model.begin(), model.end()));
  }
}

TEST_CASE("elements may be move-only", "[base]") {
  SmallVector<std::unique_ptr<int>, 1> vector;
  for (int i = 0; i < 5; ++i) vector.emplace_back(std::make_unique<int>(i));
  auto moved = std::move(vector);
  CHECK(*moved[4] == 4);
}
