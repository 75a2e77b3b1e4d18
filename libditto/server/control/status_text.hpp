// A server's status for people: one screen, what wants attention first. The server may be of another version: what is
// missing is left out. Pure function, any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace ditto::server {

/// `status` is an object, as Status::json() makes it.
std::string status_text(const nlohmann::ordered_json& status);

}  // namespace ditto::server
