#include "server/control/held_text.hpp"

#include <fmt/format.h>

#include "server/control/text.hpp"

namespace ditto::server {
namespace {

std::int64_t signed_at(const Json& object, const char* key) {
  return static_cast<std::int64_t>(number_at(object, key));
}

std::string place_text(const Json& row) {
  return fmt::format("/{}{} inode {}", plain(text_at(row, "share")), plain(text_at(row, "path")),
                     number_at(row, "inode"));
}

std::string who_text(const Json& row) {
  const std::string name = plain(text_at(row, "name")), id = text_at(row, "client");
  return id == "client:0" ? name : fmt::format("{} ({})", name, id);
}

/// "shared lock of bytes 0 to 9"
std::string lock_text(const Json& row) {
  return fmt::format("{} lock of bytes {} to {}", text_at(row, "lock"), number_at(row, "first"),
                     row.contains("last") ? fmt::format("{}", number_at(row, "last")) : "the end");
}

void print_more(const Json& list, std::string_view part, Table& table) {
  if (const std::uint64_t more = number_at(list, "more"); more > 0) {
    table.add({fmt::format("and {} more of {}", more, count_text(number_at(list, "count"), part))});
  }
}

/// What of `part` is listed, row by row.
template <class Row>
void print_list(const Json& status, const char* part, std::string_view one, std::string& out, Row row) {
  const Json list = member(status, part, Json::value_t::object);
  Table table(part), rest("");
  for (const Json& each : list_at(list, "listed")) table.add(row(each));
  print_more(list, one, rest);
  table.print(out);
  rest.print(out);
}

std::vector<std::string> client_cells(const Json& row) {
  const std::int64_t left = signed_at(row, "lease_seconds_left");
  std::string held =
      fmt::format("{}, {}, {}", count_text(number_at(row, "opens"), "open"),
                  count_text(number_at(row, "locks"), "lock"), count_text(number_at(row, "sessions"), "session"));
  if (const std::uint64_t revoked = number_at(row, "revoked"); revoked > 0)
    held += fmt::format(", {} revoked", revoked);
  return {text_at(row, "id"),
          "NFSv" + text_at(row, "version"),
          plain(text_at(row, "address")),
          left >= 0 ? fmt::format("{}, lease for {} s", text_at(row, "standing"), left)
                    : fmt::format("{}, lease over since {} s", text_at(row, "standing"), -left),
          std::move(held),
          plain(text_at(row, "owner"))};
}

std::vector<std::string> peer_cells(const Json& row) {
  return {text_at(row, "id"),
          "NLM",
          plain(text_at(row, "address")),
          fmt::format("{}, {}, {}", count_text(number_at(row, "owners"), "owner"),
                      count_text(number_at(row, "files"), "file"),
                      count_text(number_at(row, "reservations"), "reservation")),
          is_set(row, "monitored") ? "monitored" : "not monitored",
          plain(text_at(row, "name"))};
}

std::vector<std::string> holder_cells(const Json& row) {
  const std::string kind = text_at(row, "kind");
  std::string what;
  if (kind == "open") {
    what = fmt::format("open to {}, denies {}", text_at(row, "access"), text_at(row, "deny"));
  } else if (kind == "lock") {
    what = lock_text(row);
  } else {
    what = fmt::format("grant {}", text_at(row, "caching"));
    if (row.contains("breaking_to")) {
      what +=
          fmt::format(", breaking to {} within {} s", text_at(row, "breaking_to"), signed_at(row, "deadline_seconds"));
    }
  }
  return {place_text(row), std::move(what), text_at(row, "id"), who_text(row)};
}

std::vector<std::string> waiter_cells(const Json& row) {
  std::string since = fmt::format("for {} s", number_at(row, "waiting_seconds"));
  if (is_set(row, "kept")) since += ", kept for it";
  if (row.contains("seconds_left")) since += fmt::format(", {} s at most", number_at(row, "seconds_left"));
  const std::string what = text_at(row, "for");
  return {place_text(row), what == "lock" ? lock_text(row) : what, std::move(since), who_text(row)};
}

void print_grace(const Json& status, std::string& out) {
  const Json grace = member(status, "grace", Json::value_t::object);
  Table table("grace");
  if (is_set(grace, "running")) {
    const Json awaited = member(grace, "awaited", Json::value_t::object);
    std::string names;
    for (const Json& each : member(awaited, "listed", Json::value_t::array)) {
      names += fmt::format("{}{} (NFS {})", names.empty() ? ": " : ", ", plain(text_at(each, "name")),
                           plain(text_at(each, "version")));
    }
    const std::uint64_t more = number_at(awaited, "more");
    table.add({fmt::format("for {} s at most, waits for {}{}{}", number_at(grace, "seconds_left"),
                           count_text(number_at(awaited, "count"), "client"), names,
                           more == 0 ? "" : fmt::format(", and {} more", more))});
  }
  table.print(out);
}

}  // namespace

std::string held_text(const Json& status) {
  std::string out;
  print_list(status, "clients", "client", out, client_cells);
  print_list(status, "peers", "host", out, peer_cells);
  print_list(status, "holders", "holder", out, holder_cells);
  print_list(status, "waiters", "waiter", out, waiter_cells);
  print_grace(status, out);
  return out;
}

}  // namespace ditto::server
