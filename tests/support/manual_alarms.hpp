// Alarms of a clock that a test moves: those whose time has come run when the test says so, on its thread.
#pragma once

#include "base/alarms.hpp"
#include "support/manual_clock.hpp"

namespace ditto::test {

class ManualAlarms final : public Alarms {
 public:
  explicit ManualAlarms(const ManualClock& clock) noexcept : clock_(clock) {}

  void set(Alarm& alarm, std::uint64_t due_ns) override { list_.insert(alarm, due_ns); }
  void cancel(Alarm& alarm) noexcept override { list_.remove(alarm); }
  std::uint64_t now_ns() const noexcept override { return clock_.monotonic_ns(); }

  /// Runs what is due; says how many it were.
  int run() {
    int count = 0;
    while (Alarm* due = list_.take_due(now_ns())) {
      due->run(due);
      ++count;
    }
    return count;
  }
  bool any() const noexcept { return list_.first() != nullptr; }

 private:
  const ManualClock& clock_;
  AlarmList list_;
};

}  // namespace ditto::test
