// What the client of a workload sends: all its calls, encoded before the first is answered, and what must exist for
// them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "instructions/stack.hpp"

namespace ditto::test {

/// `count` calls of a workload as records, after what they need was made. Exits when there is no such workload.
std::vector<Buffer> requests(Stack& stack, std::string_view workload, std::size_t count);

}  // namespace ditto::test
