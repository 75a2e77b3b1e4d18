#pragma once

// Which seeds a randomised test runs with: 1 to some number, a twentieth of it under sanitizers. DITTO_SEED=N runs that
// one alone, to replay a failure; DITTO_SEEDS=N runs as many as are asked for, to search longer. One thread.

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>

namespace ditto::test {

/// The one seed that was asked for; 0: none was.
inline std::uint64_t only_seed() {
  const char* one = std::getenv("DITTO_SEED");
  return one != nullptr ? std::strtoull(one, nullptr, 10) : 0;
}

/// Whether all the seeds run that a test is made for: then it must meet its rare events too.
inline bool usual_seeds() {
#ifdef DITTO_FEW_SEEDS
  return false;
#else
  return std::getenv("DITTO_SEED") == nullptr && std::getenv("DITTO_SEEDS") == nullptr;
#endif
}

inline std::uint64_t seed_count(std::uint64_t usual) {
  if (const char* wanted = std::getenv("DITTO_SEEDS")) return std::strtoull(wanted, nullptr, 10);
#ifdef DITTO_FEW_SEEDS
  return (usual + 19) / 20;
#else
  return usual;
#endif
}

/// A failure in `body` says with which seed.
template <class Body>
void for_each_seed(std::uint64_t usual, Body body) {
  const std::uint64_t only = only_seed();
  const std::uint64_t first = only != 0 ? only : 1, last = only != 0 ? only : seed_count(usual);
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    INFO("replay it with DITTO_SEED=" << seed);
    body(seed);
  }
}

}  // namespace ditto::test
