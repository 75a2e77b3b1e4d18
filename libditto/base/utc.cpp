#include "base/utc.hpp"

#include <fmt/format.h>

#include <ctime>

namespace ditto {

std::string utc_text(Timestamp time) {
  const std::time_t seconds = time.seconds;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, time.nanoseconds / 1'000'000);
}

}  // namespace ditto
