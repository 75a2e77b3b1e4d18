#include "support/power_cut/failure_plan.hpp"

namespace ditto::test {

std::optional<Failure> FailurePlan::next(Call call, std::string_view path) {
  std::optional<Failure> found;
  for (Failure& planned : planned_) {
    if (planned.nth == 0 || planned.call != call || !path.starts_with(planned.prefix) ||
        !path.ends_with(planned.suffix)) {
      continue;
    }
    if (planned.nth == 1 && !found) found = planned;
    if (planned.nth > 1 || !planned.from_then_on) --planned.nth;
  }
  return found;
}

}  // namespace ditto::test
