// Revoking: what an administrator takes from a client of any protocol, by the names of server/control/names.hpp. Called
// on the control socket's thread, which waits until what has to be durable is.
#pragma once

#include <string_view>

#include "base/log.hpp"
#include "server/control/holders.hpp"
#include "server/control/http.hpp"

namespace ditto::server {

/// What came of it, {"done": ...}; 400 for what is no name, 404 for what nobody holds.
HttpAnswer revoke(const Holders& holders, Log& log, std::string_view name);

}  // namespace ditto::server
