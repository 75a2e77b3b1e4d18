#include "server/control/status_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "server/options/network.hpp"

namespace ditto::server {
namespace {

using Json = nlohmann::ordered_json;

std::string text_at(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::uint64_t number_at(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_integer() ? at->get<std::uint64_t>() : 0;
}

bool is_set(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_boolean() && at->get<bool>();
}

Json member(const Json& object, const char* key, Json::value_t type) {
  const auto at = object.find(key);
  return at != object.end() && at->type() == type ? *at : Json(type);
}

/// Its elements that are objects.
std::vector<Json> list_at(const Json& object, const char* key) {
  std::vector<Json> list;
  for (const Json& each : member(object, key, Json::value_t::array)) {
    if (each.is_object()) list.push_back(each);
  }
  return list;
}

/// One line, whatever a name contains.
std::string plain(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return text;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string use_text(const Json& use) {
  return fmt::format("{} of {}", size_text(number_at(use, "bytes")), size_text(number_at(use, "max_bytes")));
}

std::string duration_text(std::uint64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

/// Columns of equal width under a title.
class Table {
 public:
  explicit Table(std::string_view title) : title_(title) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  void print(std::string& out) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string_view title = title_;
    for (const auto& row : rows_) {
      std::string line = fmt::format("{:<11}", title);
      for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}", row[i], widths[i] + 2);
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
      title = "";
    }
  }

 private:
  std::string_view title_;
  std::vector<std::vector<std::string>> rows_;
};

void print_attention(const Json& status, std::string& out) {
  bool any = false;
  for (const Json& each : member(status, "attention", Json::value_t::array)) {
    if (each.is_string()) out += fmt::format("ATTENTION: {}\n", plain(each.get<std::string>()));
    any = true;
  }
  if (any) out += "\n";
}

void print_listeners(const Json& status, std::string& out) {
  Table table("listening");
  for (const Json& each : list_at(status, "listeners")) {
    const std::uint64_t refused = number_at(each, "refused_connections");
    table.add({text_at(each, "protocols"),
               endpoint_text(text_at(each, "address"), static_cast<std::uint16_t>(number_at(each, "port"))),
               fmt::format("{} of {} connections{}", number_at(each, "connections"), number_at(each, "max_connections"),
                           refused == 0 ? "" : fmt::format(", {} refused", refused))});
  }
  table.print(out);
}

void print_shares(const Json& status, std::string& out) {
  Table table("shares");
  for (const Json& each : list_at(status, "shares")) {
    table.add({"/" + plain(text_at(each, "name")), text_at(each, "durability"),
               is_set(each, "read_only") ? "read-only by its rules" : "read-write", plain(text_at(each, "store"))});
  }
  table.print(out);
}

void print_store(const Json& store, std::string& out) {
  std::string state = text_at(store, "state");
  if (state != "serving")
    std::ranges::transform(state, state.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  Table head("store");
  head.add({plain(text_at(store, "directory")), state});
  head.print(out);
  if (!store.contains("last_lsn")) return;
  const Json counters = member(store, "counters", Json::value_t::object);
  Table table("");
  table.add(
      {"changes", fmt::format("{}, durable up to {}", number_at(store, "last_lsn"), number_at(store, "durable_lsn"))});
  table.add(
      {"journal", fmt::format("{}; {} syncs, {} checkpoints", use_text(member(store, "journal", Json::value_t::object)),
                              number_at(counters, "journal_syncs"), number_at(counters, "checkpoints"))});
  table.add({"memory", use_text(member(store, "memory", Json::value_t::object))});
  table.print(out);
}

}  // namespace

std::string status_text(const Json& status) {
  std::string out;
  print_attention(status, out);
  Table head("server");
  head.add({fmt::format("Ditto {}, process {}, {} for {} (since {})", text_at(status, "version"),
                        number_at(status, "pid"), text_at(status, "state"),
                        duration_text(number_at(status, "uptime_seconds")), text_at(status, "started"))});
  head.print(out);
  print_listeners(status, out);
  print_shares(status, out);
  for (const Json& store : list_at(status, "stores")) print_store(store, out);
  const Json memory = member(status, "memory", Json::value_t::object);
  Table last("memory");
  last.add({fmt::format("budget {}; in flight {}", size_text(number_at(memory, "budget_bytes")),
                        use_text(member(memory, "in_flight", Json::value_t::object)))});
  last.print(out);
  return out;
}

}  // namespace ditto::server
