// What clients hold and wait for, in words: the parts of a status that server/control/holders.hpp makes. Pure function,
// any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace ditto::server {

/// Of a whole status, or of one part; what is empty there is left out.
std::string held_text(const nlohmann::ordered_json& status);

}  // namespace ditto::server
