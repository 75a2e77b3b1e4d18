// A clock that stands still until a test moves it. Any thread.
#pragma once

#include <mutex>

#include "base/clock.hpp"

namespace ditto::test {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t seconds = 1'700'000'000) : now_{seconds, 0} {}

  Timestamp now() const noexcept override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  std::uint64_t monotonic_ns() const noexcept override {
    const std::lock_guard lock(mutex_);
    return monotonic_ns_;
  }

  void advance_ns(std::uint64_t ns) {
    const std::lock_guard lock(mutex_);
    monotonic_ns_ += ns;
    const std::uint64_t total = now_.nanoseconds + ns;
    now_.seconds += static_cast<std::int64_t>(total / 1'000'000'000);
    now_.nanoseconds = static_cast<std::uint32_t>(total % 1'000'000'000);
  }
  void advance_seconds(std::uint64_t seconds) { advance_ns(seconds * 1'000'000'000); }

 private:
  mutable std::mutex mutex_;  // guards both times
  Timestamp now_;
  std::uint64_t monotonic_ns_ = 0;
};

}  // namespace ditto::test
