#pragma once

// The failures that a test has planned for a watched folder, with what is left of each. Not locked.

#include <optional>
#include <string_view>
#include <vector>

#include "support/power_cut/failure.hpp"

namespace ditto::test {

class FailurePlan {
 public:
  void add(const Failure& failure) { planned_.push_back(failure); }
  void clear() { planned_.clear(); }

  /// Counts a call on the file at `path`, and says how it fails, if it does.
  std::optional<Failure> next(Call call, std::string_view path);

 private:
  std::vector<Failure> planned_;  // `nth` is what is left to count; 0: it is spent
};

}  // namespace ditto::test
