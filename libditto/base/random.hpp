// Randomness as one of Ditto's four doors to the world. The system source is cryptographically strong; tests hand in a
// seeded one. Called from any thread.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace ditto {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableBytes out) = 0;
  std::uint64_t next_u64() {
    std::uint64_t value = 0;
    fill(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
};

/// The system's generator (BoringSSL's, seeded by the kernel).
Random& system_random() noexcept;

}  // namespace ditto
