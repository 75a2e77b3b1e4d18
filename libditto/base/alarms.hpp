// Deadlines on a loop: an alarm runs once its loop's clock has come to its time. Intrusive like jobs: whoever sets an
// alarm owns it, and keeps it in place until it has run or was cancelled. Loops of threads have the system do the
// waiting; tests turn theirs by hand. Every function belongs to the loop's thread.
#pragma once

#include <cstdint>

#include "base/executor.hpp"

namespace ditto {

struct Alarm : Job {
  std::uint64_t due_ns = 0;
  Alarm* earlier = nullptr;
  Alarm* later = nullptr;
  bool is_set = false;
};

class Alarms {
 public:
  virtual ~Alarms() = default;
  /// Runs `alarm`, which is not set, on the loop at `due_ns` or soon afterwards; never in here. Throws std::bad_alloc,
  /// and then it is not set.
  virtual void set(Alarm& alarm, std::uint64_t due_ns) = 0;
  /// Nothing happens when it is not set.
  virtual void cancel(Alarm& alarm) noexcept = 0;
  /// Clock::monotonic_ns() of the clock that times are on.
  virtual std::uint64_t now_ns() const noexcept = 0;
};

/// Alarms in the order of their times, those of one time in the order in which they came. For implementations; one
/// thread at a time.
class AlarmList {
 public:
  /// From the last backwards: most are set for the same time from now on.
  void insert(Alarm& alarm, std::uint64_t due_ns) noexcept;
  void remove(Alarm& alarm) noexcept;
  /// Takes out the first whose time has come; nullptr when there is none.
  Alarm* take_due(std::uint64_t now_ns) noexcept;
  const Alarm* first() const noexcept { return first_; }

 private:
  Alarm* first_ = nullptr;
  Alarm* last_ = nullptr;
};

}  // namespace ditto
