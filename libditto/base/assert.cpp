#include "base/assert.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace ditto::detail {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  char text[512];
  int length = std::snprintf(text, sizeof text, "%s:%d: invariant broken: %s\n", file, line, expression);
  if (length >= static_cast<int>(sizeof text)) {
    length = sizeof text;
    text[sizeof text - 1] = '\n';
  }
  // One write, not stdio: another thread may hold stderr's lock for ever.
  if (length > 0) [[maybe_unused]]
    auto written = ::write(STDERR_FILENO, text, static_cast<std::size_t>(length));
  std::abort();
}

}  // namespace ditto::detail
