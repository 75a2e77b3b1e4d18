#include <fmt/format.h>

#include <algorithm>

#include "ditto/configuration.hpp"
#include "server/options/names.hpp"
#include "server/options/nearest.hpp"
#include "server/options/setting.hpp"

namespace ditto::server {
namespace {

std::vector<std::string_view> known_keys() {
  std::vector<std::string_view> keys = {shares_key};
  for (const auto& row : server_settings()) keys.push_back(row.key);
  return keys;
}

template <class Owner>
SettingDescription describe(const Setting<Owner>& row, const Owner& defaults) {
  SettingDescription description;
  description.key = row.key;
  description.type = expectation(row);
  description.placeholder = placeholder(row);
  description.unit = row.unit;
  description.default_value = text_of(row, row.get(defaults));
  description.text = row.text;
  return description;
}

template <class Owner>
std::optional<std::string> first_complaint(std::span<const Setting<Owner>> table, const Owner& owner) {
  for (const auto& row : table) {
    if (auto why = complaint(row, row.get(owner))) return fmt::format("{}: {}", row.key, *why);
  }
  return std::nullopt;
}

std::optional<std::string> doubled_name(const std::vector<ShareOptions>& shares) {
  for (std::size_t i = 0; i < shares.size(); ++i) {
    for (std::size_t before = 0; before < i; ++before) {
      const std::string &a = shares[before].name, &b = shares[i].name;
      if (a == b) return fmt::format("{}: the name \"{}\" is given twice", shares_key, a);
      if (same_share_name(a, b)) {
        return fmt::format("{}: the names \"{}\" and \"{}\" differ only in case, which is one share to SMB", shares_key,
                           a, b);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<SettingDescription> describe_settings() {
  const Options defaults;
  std::vector<SettingDescription> all;
  for (const auto& row : server_settings()) {
    SettingDescription& description = all.emplace_back(describe(row, defaults));
    description.environment = environment_name(row.key);
    description.flag = flag_name(row.key);
    if (row.key != "data") continue;
    // Next to where things are kept comes what is served.
    all.push_back({.key = std::string(shares_key),
                   .environment = environment_name(shares_key),
                   .flag = "--share",
                   .type = "a list of objects",
                   .placeholder = "NAME",
                   .unit = {},
                   .default_value = defaults.shares.front().name,
                   .text = std::string(shares_text)});
  }
  for (const auto& row : share_settings()) {
    SettingDescription& description = all.emplace_back(describe(row, ShareOptions{}));
    description.key = fmt::format("{}[].{}", shares_key, row.key);
  }
  return all;
}

Outcome<void> read_environment(Options& options, std::span<const std::string_view> environment) {
  const std::vector<std::string_view> keys = known_keys();
  std::vector<std::string> names;
  for (const std::string_view key : keys) names.push_back(environment_name(key));
  const std::vector<std::string_view> name_views(names.begin(), names.end());

  for (const std::string_view variable : environment) {
    const std::size_t equals = variable.find('=');
    const std::string_view name = variable.substr(0, equals);
    if (!name.starts_with("DITTO_") || equals == variable.npos) continue;
    const auto known = std::ranges::find(name_views, name);
    if (known == name_views.end()) {
      const std::string_view meant = nearest(name, name_views);
      if (!resembles(name, meant)) continue;
      return failure(FailureCode::InvalidArgument,
                     fmt::format("{}: there is no such setting; the nearest is {}", name, meant));
    }
    const std::string_view key = keys[static_cast<std::size_t>(known - name_views.begin())];
    if (auto done = set(options, key, variable.substr(equals + 1), name); !done) return done;
  }
  return {};
}

Outcome<void> set(Options& options, std::string_view key, std::string_view value, std::string_view origin) {
  if (key == shares_key) {
    std::vector<std::string> names;
    while (true) {
      const std::size_t comma = value.find(',');
      names.emplace_back(value.substr(0, comma));
      if (const auto why = object_to_share_name(names.back())) {
        return failure(FailureCode::InvalidArgument,
                       fmt::format("{}: the share name \"{}\" {}", origin, names.back(), *why));
      }
      if (comma == value.npos) break;
      value.remove_prefix(comma + 1);
    }
    select_shares(options, names);
    return {};
  }
  for (const auto& row : server_settings()) {
    if (row.key != key) continue;
    const auto parsed = value_of(row, value);
    if (!parsed) return failure(FailureCode::InvalidArgument, fmt::format("{}: {}", origin, parsed.error()));
    row.put(options, *parsed);
    return {};
  }
  const std::vector<std::string_view> known = known_keys();
  return failure(FailureCode::InvalidArgument, fmt::format("{}: there is no setting \"{}\"; the nearest is \"{}\"",
                                                           origin, key, nearest(key, known)));
}

void select_shares(Options& options, std::span<const std::string> names) {
  std::vector<ShareOptions> selected;
  for (const std::string& name : names) {
    const auto described = std::ranges::find(options.shares, name, &ShareOptions::name);
    selected.push_back(described == options.shares.end() ? ShareOptions{.name = name} : *described);
  }
  options.shares = std::move(selected);
}

Outcome<void> validate(const ShareOptions& share) {
  auto why = first_complaint(share_settings(), share);
  if (!why) return {};
  return failure(FailureCode::InvalidArgument, fmt::format("the share \"{}\": {}", share.name, *why));
}

Outcome<void> validate(const Options& options) {
  if (auto why = first_complaint(server_settings(), options))
    return failure(FailureCode::InvalidArgument, *std::move(why));
  for (const ShareOptions& share : options.shares) {
    if (auto valid = validate(share); !valid) return valid;
  }
  if (auto why = doubled_name(options.shares)) return failure(FailureCode::InvalidArgument, *std::move(why));
  return {};
}

}  // namespace ditto::server
