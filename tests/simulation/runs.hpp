// Many seeds, on all cores, and how a failing one is told. Each world lives on one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "world.hpp"

namespace ditto::sim {

inline constexpr unsigned usual_steps = 1000;

struct Failure {
  std::uint64_t seed = 0;
  Violation violation;
  std::string trace;  // the last steps
};

/// Runs the seeds `first` to `last` with so many steps each; the failure of the lowest seed among those that ran, after
/// which no more are begun. What they met is added to `tally`.
std::optional<Failure> run_seeds(std::uint64_t first, std::uint64_t last, unsigned steps, Tally& tally);

}  // namespace ditto::sim
