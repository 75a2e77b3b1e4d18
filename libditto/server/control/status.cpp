#include "server/control/status.hpp"

#include <nlohmann/json.hpp>

namespace ditto::server {

std::optional<std::string> Status::json(std::string_view part) const {
  using Json = nlohmann::ordered_json;
  Json sections = Json::object();
  StatusReport report{.sections = sections, .attention = {}, .rows = part.empty() ? overview_rows : part_rows};
  bool any = false;
  for (const Source& source : sources_) {
    if (!part.empty() && source.part != part) continue;
    source.tell(report);
    any = true;
  }
  if (!any && !part.empty()) return std::nullopt;
  sections["attention"] = report.attention;
  // Names and paths are bytes; what is no UTF-8 in them is shown as such.
  return sections.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string Status::parts() const {
  std::string names;
  for (const Source& source : sources_) {
    if (!source.part.empty()) names += (names.empty() ? "" : ", ") + std::string(source.part);
  }
  return names;
}

}  // namespace ditto::server
