#include "server/control/status.hpp"

#include <nlohmann/json.hpp>

#include "server/control/metrics.hpp"

namespace ditto::server {

using Json = nlohmann::ordered_json;

Json Status::sections(std::string_view part, std::size_t rows) const {
  Json sections = Json::object();
  StatusReport report{.sections = sections, .attention = {}, .rows = rows};
  bool any = false;
  for (const Source& source : sources_) {
    if (!part.empty() && source.part != part) continue;
    source.tell(report);
    any = true;
  }
  if (!any && !part.empty()) return {};
  sections["attention"] = report.attention;
  return sections;
}

std::optional<std::string> Status::json(std::string_view part) const {
  const Json found = sections(part, part.empty() ? overview_rows : part_rows);
  if (found.is_null()) return std::nullopt;
  // Names and paths are bytes; what is no UTF-8 in them is shown as such.
  return found.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string Status::metrics() const { return metrics_of(sections({}, 0)); }

std::string Status::parts() const {
  std::string names;
  for (const Source& source : sources_) {
    if (!source.part.empty()) names += (names.empty() ? "" : ", ") + std::string(source.part);
  }
  return names;
}

}  // namespace ditto::server
