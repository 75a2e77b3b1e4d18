// From what the rooms below answer to what the embedding API answers. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ditto/failure.hpp"

namespace ditto::server {

/// "WHAT: reason", with the code that fits.
Failure failure_of(std::string_view what, Error error);

/// The same for errno, with the hint that helps where one does.
Failure failure_of_errno(std::string_view what, int cause);

}  // namespace ditto::server
