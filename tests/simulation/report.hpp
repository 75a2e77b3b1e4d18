// What simulated runs reached, as tables, and what they should have. One thread.
#pragma once

#include <string>
#include <vector>

#include "tally.hpp"

namespace ditto::sim {

void print(const Tally& tally);
/// What can be reached, and was not.
std::vector<std::string> missing(const Tally& tally);

}  // namespace ditto::sim
