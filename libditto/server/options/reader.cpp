#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "ditto/configuration.hpp"
#include "server/options/names.hpp"
#include "server/options/nearest.hpp"
#include "server/options/setting.hpp"

namespace ditto::server {
namespace {

using Json = nlohmann::json;

/// Editors look here for the schema.
constexpr std::string_view schema_key = "$schema";

/// "FILE: key: what is wrong", thrown within this file only.
struct Wrong {
  std::string message;
};

std::string found(const Json& value) {
  constexpr std::size_t longest = 40;
  switch (value.type()) {
    case Json::value_t::object: return "an object";
    case Json::value_t::array: return "a list";
    case Json::value_t::null: return "null";
    case Json::value_t::string: {
      const auto& text = value.get_ref<const std::string&>();
      return text.size() <= longest ? fmt::format("the text \"{}\"", text) : "a text";
    }
    default: return value.dump();
  }
}

std::optional<SettingValue> convert(SettingType type, const Json& value) {
  switch (type) {
    case SettingType::Boolean:
      if (value.is_boolean()) return value.get<bool>();
      break;
    case SettingType::Integer:
      if (value.is_number_unsigned()) return value.get<std::uint64_t>();
      break;
    case SettingType::Octal:
    case SettingType::Text:
    case SettingType::Choice:
      if (value.is_string()) return value.get<std::string>();
      break;
    case SettingType::TextList: {
      if (!value.is_array()) break;
      std::vector<std::string> texts;
      for (const Json& each : value) {
        if (!each.is_string()) return std::nullopt;
        texts.push_back(each.get<std::string>());
      }
      return texts;
    }
  }
  return std::nullopt;
}

template <class Owner>
class ObjectReader {
 public:
  ObjectReader(std::span<const Setting<Owner>> table, std::string place) : table_(table), place_(std::move(place)) {}

  /// `prefix` is empty or ends with a dot.
  void read(const Json& object, std::string_view prefix, Owner& owner) {
    for (const auto& [name, value] : object.items()) {
      const std::string key = std::string(prefix) + name;
      if (const Setting<Owner>* row = find(key)) {
        put(*row, value, owner);
      } else if (is_group(key)) {
        if (!value.is_object())
          throw Wrong{fmt::format("{}{}: expected an object, found {}", place_, key, found(value))};
        read(value, key + ".", owner);
      } else if (!is_elsewhere(key)) {
        throw Wrong{unknown(key, name, prefix)};
      }
    }
  }

 private:
  const Setting<Owner>* find(std::string_view key) const {
    for (const auto& row : table_) {
      if (row.key == key) return &row;
    }
    return nullptr;
  }

  bool is_group(const std::string& key) const {
    return std::ranges::any_of(table_, [&](const auto& row) { return row.key.starts_with(key + "."); });
  }

  static bool is_elsewhere(std::string_view key) {
    return std::same_as<Owner, Options> && (key == shares_key || key == schema_key);
  }

  void put(const Setting<Owner>& row, const Json& value, Owner& owner) const {
    std::optional<std::string> why;
    if (const auto converted = convert(row.type, value)) {
      const auto checked = row.type == SettingType::Octal ? value_of(row, std::get<std::string>(*converted))
                                                          : std::expected<SettingValue, std::string>(*converted);
      why = checked ? complaint(row, *checked) : checked.error();
      if (!why) return row.put(owner, *checked);
    } else {
      why = fmt::format("expected {}, found {}", expectation(row), found(value));
    }
    throw Wrong{fmt::format("{}{}: {}", place_, row.key, *why)};
  }

  std::string unknown(std::string_view key, std::string_view name, std::string_view prefix) const {
    std::vector<std::string_view> known;  // the names in this object
    const auto add = [&](std::string_view each) {
      if (std::ranges::find(known, each) == known.end()) known.push_back(each);
    };
    for (const auto& row : table_) {
      if (row.key.starts_with(prefix))
        add(row.key.substr(prefix.size(), row.key.find('.', prefix.size()) - prefix.size()));
    }
    if (std::same_as<Owner, Options> && prefix.empty()) add(shares_key);
    return fmt::format("{}{}: there is no such setting; the nearest is \"{}\"", place_, key, nearest(name, known));
  }

  std::span<const Setting<Owner>> table_;
  std::string place_;  // what messages begin with
};

void read_shares(const Json& list, const std::string& origin, std::vector<ShareOptions>& shares) {
  if (!list.is_array())
    throw Wrong{fmt::format("{}: {}: expected a list of objects, found {}", origin, shares_key, found(list))};
  shares.clear();
  for (const Json& each : list) {
    const std::string place = fmt::format("{}: {}[{}]", origin, shares_key, shares.size());
    if (!each.is_object()) throw Wrong{fmt::format("{}: expected an object, found {}", place, found(each))};
    if (!each.contains("name")) throw Wrong{fmt::format("{}: the share has no \"name\"", place)};
    ShareOptions& share = shares.emplace_back();
    ObjectReader<ShareOptions>(share_settings(), place + ".").read(each, "", share);
  }
}

std::string line_and_column(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto lines = std::ranges::count(before, '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = before.size() - (start == before.npos ? 0 : start + 1);
  return fmt::format("{}:{}", lines + 1, column + 1);
}

Json parse(std::string_view text, std::string_view origin) {
  std::vector<std::set<std::string>> open;  // the keys of each object around the current one
  const auto once = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second) {
      throw Wrong{fmt::format("{}: \"{}\" is set twice in one object", origin, parsed.get<std::string>())};
    }
    return true;
  };
  try {
    return Json::parse(text, once, true, true);
  } catch (const Json::parse_error& error) {
    std::string_view what = error.what();
    const std::size_t detail = what.find(": ");  // behind the library's number and position
    if (detail != what.npos) what.remove_prefix(detail + 2);
    constexpr std::size_t longest = 200;  // it quotes the last token
    throw Wrong{fmt::format("{}:{}: not JSON: {}{}", origin, line_and_column(text, error.byte), what.substr(0, longest),
                            what.size() > longest ? " ..." : "")};
  }
}

/// The whole file, or errno.
std::expected<std::string, int> contents_of(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file) return std::unexpected(errno);
  std::string text;
  char part[4096];
  while (const std::size_t count = std::fread(part, 1, sizeof part, file.get())) text.append(part, count);
  if (std::ferror(file.get())) return std::unexpected(errno);
  return text;
}

}  // namespace

Outcome<void> read_configuration(Options& options, std::string_view text, std::string_view origin) {
  try {
    const std::string file(origin);
    const Json json = parse(text, origin);
    if (!json.is_object()) throw Wrong{fmt::format("{}: expected an object, found {}", file, found(json))};
    Options read = options;
    ObjectReader<Options>(server_settings(), file + ": ").read(json, "", read);
    if (const auto shares = json.find(shares_key); shares != json.end()) read_shares(*shares, file, read.shares);
    options = std::move(read);
    return {};
  } catch (Wrong& wrong) {
    return failure(FailureCode::InvalidArgument, std::move(wrong.message));
  }
}

Outcome<void> read_configuration_file(Options& options, const std::string& path) {
  const auto text = contents_of(path);
  if (text) return read_configuration(options, *text, path);
  const int cause = text.error();
  const FailureCode code = cause == ENOENT   ? FailureCode::NotFound
                           : cause == EACCES ? FailureCode::PermissionDenied
                                             : FailureCode::Io;
  return failure(
      code, fmt::format("the configuration file {} cannot be read: {}", path, std::generic_category().message(cause)));
}

}  // namespace ditto::server
