// Every choice of a simulated run, from its seed. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "support/seeded_random.hpp"

namespace ditto::sim {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed * 0x9e3779b97f4a7c15U + 1) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }
  /// True in `parts` of `whole` cases.
  bool chance(std::size_t parts, std::size_t whole) { return below(whole) < parts; }
  template <class T, std::size_t N>
  T one_of(const T (&values)[N]) {
    return values[below(N)];
  }

 private:
  test::SeededRandom random_;
};

}  // namespace ditto::sim
