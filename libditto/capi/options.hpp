// From the structures of options in ditto.h to the C++ ones. Any thread.
#pragma once

#include "capi/guard.hpp"
#include "ditto/ditto.h"
#include "ditto/options.hpp"

namespace ditto::capi {

/// NULL gives the defaults. Takes charge of log_user: log_release is called when the result, and what was copied from
/// it, is gone, or before this returns without one (unless struct_size is wrong: then nothing in the structure can be
/// trusted).
Outcome<server::Options> options_of(const ditto_server_options* options);

Outcome<server::ShareOptions> options_of(const char* name, const ditto_share_options* options);

}  // namespace ditto::capi
