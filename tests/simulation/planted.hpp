// Which mistake a program has planted in it. Constants.
#pragma once

#include <string_view>

namespace ditto::sim {

extern const std::string_view planted_name;
/// The number of the rule that it breaks.
extern const int planted_rule;

}  // namespace ditto::sim
