// What another configuration asks of a server that runs: shares that come, change and go, and settings that only a
// start can change. Pure functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "ditto/options.hpp"

namespace ditto::server {

struct ShareChanges {
  std::vector<std::string> added, changed, removed;  // names
};
ShareChanges compare(const std::vector<ShareOptions>& before, const std::vector<ShareOptions>& after);

/// Keys of the settings that differ, but for the shares.
std::vector<std::string> compare(const Options& before, const Options& after);

}  // namespace ditto::server
