#include "server/control/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace ditto::server {
namespace {

using Json = nlohmann::ordered_json;

/// Members that go up and down. All other numbers only grow.
constexpr auto gauges = std::to_array<std::string_view>({
    "uptime_seconds",
    "connections",
    "max_connections",
    "last_lsn",
    "durable_lsn",
    "bytes",
    "max_bytes",
    "budget_bytes",
    "held",
    "waiting",
    "under_way",
    "monitored",
    "seconds_left",
});

/// Members of a list of what clients hold: it is counted.
constexpr auto of_lists = std::to_array<std::string_view>({"count", "listed", "more"});

/// Sections that are rows, what one of them is called, and which members tell them apart.
struct Rows {
  std::string_view section, name;
  std::array<std::string_view, 3> labels;
};
constexpr auto rows = std::to_array<Rows>({
    {"listeners", "listener", {"protocols", "address", "port"}},
    {"shares", "share", {"name"}},
    {"stores", "store", {"directory"}},
});

/// What kinds of delegations are counted by; their sums are left to whoever reads.
constexpr auto kinds = std::to_array<std::string_view>({"read", "write", "directory"});
constexpr auto of_kinds = std::to_array<std::string_view>({"given", "recalled", "returned", "revoked"});

template <std::size_t N>
bool has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// "counters" is where the status keeps what only grows, which the suffix says here.
std::string joined(std::string_view name, std::string_view member) {
  return member == "counters" ? std::string(name) : fmt::format("{}_{}", name, member);
}

/// Backslashes, quotes and ends of lines are escaped.
std::string label(std::string_view name, std::string_view value) {
  std::string text(name);
  text += "=\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text + "\"";
}

class Page {
 public:
  void gauge(const std::string& name, const std::string& labels, const Json& value) {
    put(name, "gauge", labels, value);
  }
  void counter(const std::string& name, const std::string& labels, const Json& value) {
    put(name + "_total", "counter", labels, value);
  }
  /// The numbers in `value`, whose last name is `key`.
  void walk(const std::string& name, std::string_view key, const std::string& labels, const Json& value) {
    if (value.is_boolean()) return gauge(name, labels, value.get<bool>() ? 1 : 0);
    if (value.is_number()) return has(gauges, key) ? gauge(name, labels, value) : counter(name, labels, value);
    if (key == "state")
      return gauge(name.substr(0, name.size() - key.size()) + "serving", labels, value == "serving" ? 1 : 0);
    if (!value.is_object()) return;
    const bool is_list = value.contains("listed");
    if (is_list) gauge(name, labels, value.at("count"));
    for (const auto& [member, inner] : value.items()) {
      if (is_list && has(of_lists, member)) continue;
      walk(joined(name, member), member, labels, inner);
    }
  }

  std::string text() const {
    std::string text;
    for (const Family& family : families_) {
      fmt::format_to(std::back_inserter(text), "# TYPE {} {}\n{}", family.name, family.type, family.lines);
    }
    return text;
  }

 private:
  struct Family {
    std::string name;
    std::string_view type;
    std::string lines;
  };

  void put(const std::string& name, std::string_view type, const std::string& labels, const Json& value) {
    auto found = std::ranges::find(families_, name, &Family::name);
    if (found == families_.end()) found = families_.insert(families_.end(), {.name = name, .type = type, .lines = {}});
    const std::string braced = labels.empty() ? "" : "{" + labels + "}";
    fmt::format_to(std::back_inserter(found->lines), "{}{} {}\n", name, braced, value.dump());
  }

  std::vector<Family> families_;
};

void put_rows(Page& page, const Rows& of, const Json& section) {
  for (const Json& row : section) {
    std::string labels;
    for (const std::string_view name : of.labels) {
      const auto found = name.empty() ? row.end() : row.find(name);
      if (found == row.end()) continue;
      const std::string value = found->is_string() ? found->get<std::string>() : found->dump();
      labels += (labels.empty() ? "" : ",") + label(name, value);
    }
    for (const auto& [member, value] : row.items()) {
      if (!has(of.labels, member)) page.walk(joined("ditto_" + std::string(of.name), member), member, labels, value);
    }
  }
}

void put_delegations(Page& page, const std::string& name, const Json& section) {
  for (const std::string_view what : of_kinds) {
    for (const std::string_view kind : kinds) {
      page.counter(fmt::format("{}_{}", name, what), label("kind", kind), section.at(fmt::format("{}_{}", kind, what)));
    }
  }
  for (const auto& [member, value] : section.items()) {
    const bool of_a_kind = std::ranges::any_of(of_kinds, [&](std::string_view what) { return member.ends_with(what); });
    if (!of_a_kind) page.walk(joined(name, member), member, "", value);
  }
}

}  // namespace

std::string metrics_of(const Json& status) {
  Page page;
  for (const auto& [section, value] : status.items()) {
    const std::string name = "ditto_" + section;
    const auto of_rows = std::ranges::find(rows, section, &Rows::section);
    if (of_rows != rows.end()) {
      put_rows(page, *of_rows, value);
    } else if (section == "version") {
      page.gauge("ditto_build_info", label("version", value.get<std::string>()), 1);
    } else if (section == "attention") {
      page.gauge(name, "", value.size());
    } else if (section == "nfs4_delegations") {
      put_delegations(page, name, value);
    } else if (section != "pid") {
      page.walk(name, section, "", value);
    }
  }
  return page.text();
}

}  // namespace ditto::server
