// The same bytes in every run of a test: SplitMix64 from a seed. Any thread.
#pragma once

#include <cstring>
#include <mutex>

#include "base/random.hpp"

namespace ditto::test {

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}

  void fill(MutableBytes out) override {
    const std::lock_guard lock(mutex_);
    while (!out.empty()) {
      const std::uint64_t word = next();
      const std::size_t size = out.size() < sizeof word ? out.size() : sizeof word;
      std::memcpy(out.data(), &word, size);
      out = out.subspan(size);
    }
  }
  /// A number below `bound`, which is not 0.
  std::uint64_t below(std::uint64_t bound) {
    const std::lock_guard lock(mutex_);
    return next() % bound;
  }

 private:
  std::uint64_t next() {
    std::uint64_t x = state_ += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
  }

  std::mutex mutex_;  // guards state_
  std::uint64_t state_;
};

}  // namespace ditto::test
