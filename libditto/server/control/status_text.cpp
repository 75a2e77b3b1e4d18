#include "server/control/status_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "server/control/held_text.hpp"
#include "server/control/text.hpp"
#include "server/options/network.hpp"

namespace ditto::server {
namespace {

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
  out += held_text(status);
  const Json memory = member(status, "memory", Json::value_t::object);
  Table last("memory");
  last.add({fmt::format("budget {}; in flight {}", size_text(number_at(memory, "budget_bytes")),
                        use_text(member(memory, "in_flight", Json::value_t::object)))});
  last.print(out);
  return out;
}

}  // namespace ditto::server
