// A status as metrics, in the text format that Prometheus reads (version 0.0.4): the same numbers under the same names,
// so that there is one description of what is counted. A pure function, any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace ditto::server {

inline constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// `status` is Status::sections(). ditto_SECTION_MEMBER, with _total behind what only grows; members of rows (shares,
/// stores, listeners) and kinds of delegations are told apart by labels. Lists of what clients hold are counted only.
std::string metrics_of(const nlohmann::ordered_json& status);

}  // namespace ditto::server
