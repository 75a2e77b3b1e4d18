#include "base/clock.hpp"

#include <ctime>

namespace ditto {
namespace {

class SystemClock final : public Clock {
 public:
  Timestamp now() const noexcept override {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return {.seconds = time.tv_sec, .nanoseconds = static_cast<std::uint32_t>(time.tv_nsec)};
  }
  std::uint64_t monotonic_ns() const noexcept override {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(time.tv_nsec);
  }
};

}  // namespace

Clock& system_clock() noexcept {
  static constinit SystemClock clock;
  return clock;
}

}  // namespace ditto
