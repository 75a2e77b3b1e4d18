#include "base/alarms.hpp"

#include <utility>

namespace ditto {

void AlarmList::insert(Alarm& alarm, std::uint64_t due_ns) noexcept {
  alarm.due_ns = due_ns;
  alarm.is_set = true;
  alarm.earlier = last_;
  while (alarm.earlier && alarm.earlier->due_ns > due_ns) alarm.earlier = alarm.earlier->earlier;
  alarm.later = alarm.earlier ? alarm.earlier->later : first_;
  (alarm.earlier ? alarm.earlier->later : first_) = &alarm;
  (alarm.later ? alarm.later->earlier : last_) = &alarm;
}

void AlarmList::remove(Alarm& alarm) noexcept {
  if (!std::exchange(alarm.is_set, false)) return;
  (alarm.earlier ? alarm.earlier->later : first_) = alarm.later;
  (alarm.later ? alarm.later->earlier : last_) = alarm.earlier;
}

Alarm* AlarmList::take_due(std::uint64_t now_ns) noexcept {
  Alarm* due = first_;
  if (!due || due->due_ns > now_ns) return nullptr;
  remove(*due);
  return due;
}

}  // namespace ditto
