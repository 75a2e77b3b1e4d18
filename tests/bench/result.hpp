// What was counted while a workload ran: operations, errors, how long each operation took, and what the process that
// served them spent. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct Result {
  std::uint64_t operations = 0, errors = 0, units = 0, bytes = 0;
  double seconds = 0, cpu_seconds = 0;
  std::string first_error;
  std::vector<std::uint32_t> latencies;  // of every operation, in nanoseconds (at most 4 s each)

  void took(long long nanoseconds);
  /// Another stretch of the same measurement.
  void add(const Result& stretch);
  /// Sorts. `share` of all operations took no longer, in microseconds.
  double percentile_us(double share);
};

}  // namespace bench
