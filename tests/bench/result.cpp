#include "result.hpp"

#include <algorithm>
#include <cmath>

namespace bench {

void Result::took(long long nanoseconds) {
  latencies.push_back(static_cast<std::uint32_t>(std::min<long long>(nanoseconds, UINT32_MAX)));
}

void Result::add(const Result& stretch) {
  operations += stretch.operations;
  errors += stretch.errors;
  units += stretch.units;
  bytes += stretch.bytes;
  seconds += stretch.seconds;
  cpu_seconds += stretch.cpu_seconds;
  if (first_error.empty()) first_error = stretch.first_error;
  latencies.insert(latencies.end(), stretch.latencies.begin(), stretch.latencies.end());
}

double Result::percentile_us(double share) {
  if (latencies.empty()) return 0;
  auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(latencies.size())));
  auto nth = latencies.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, latencies.size()) - 1);
  std::nth_element(latencies.begin(), nth, latencies.end());
  return *nth / 1000.0;
}

}  // namespace bench
