// A wall-clock time as people and programs read it. Pure function, any thread.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace ditto {

/// RFC 3339, UTC, with milliseconds: "2026-01-31T12:00:00.000Z".
std::string utc_text(Timestamp time);

}  // namespace ditto
