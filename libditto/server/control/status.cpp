#include "server/control/status.hpp"

#include <nlohmann/json.hpp>

namespace ditto::server {

std::string Status::json() const {
  using Json = nlohmann::ordered_json;
  Json sections = Json::object();
  StatusReport report{.sections = sections, .attention = {}};
  for (const StatusSource& source : sources_) source(report);
  sections["attention"] = report.attention;
  // Names and paths are bytes; what is no UTF-8 in them is shown as such.
  return sections.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ditto::server
