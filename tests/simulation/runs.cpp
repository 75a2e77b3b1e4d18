#include "runs.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace ditto::sim {
namespace {

/// The same run again, with its trace.
Failure told(std::uint64_t seed, unsigned steps, const Violation& violation) {
  Tally unused;
  World world(seed, unused, true);
  (void)world.run(steps);
  Failure failure{.seed = seed, .violation = violation, .trace = {}};
  for (const std::string& line : world.trace()) failure.trace += line + "\n";
  return failure;
}

}  // namespace

std::optional<Failure> run_seeds(std::uint64_t first, std::uint64_t last, unsigned steps, Tally& tally) {
  std::atomic<std::uint64_t> next{first};
  std::atomic<bool> failed{false};
  std::mutex mutex;  // guards found and tally
  std::optional<std::pair<std::uint64_t, Violation>> found;
  const auto work = [&] {
    Tally own;
    for (std::uint64_t seed = next++; seed <= last && !failed; seed = next++) {
      World world(seed, own, false);
      auto violation = world.run(steps);
      if (!violation) continue;
      failed = true;
      const std::lock_guard lock(mutex);
      if (!found || seed < found->first) found.emplace(seed, std::move(*violation));
    }
    const std::lock_guard lock(mutex);
    tally.add(own);
  };
  {
    const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < count; ++i) threads.emplace_back(work);
    work();
  }
  if (!found) return std::nullopt;
  return told(found->first, steps, found->second);
}

}  // namespace ditto::sim
