// The table of settings: one row states all that is known of a setting, and parser, schema, environment, flags,
// printing and documentation are read off it. Rows of a server and of a share have the same form. Constant data, any
// thread.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ditto/options.hpp"

namespace ditto::server {

enum class SettingType : std::uint8_t { Boolean, Integer, Octal, Text, Choice, TextList };

using SettingValue = std::variant<bool, std::uint64_t, std::string, std::vector<std::string>>;

template <class Owner>
struct Setting {
  std::string_view key;  // dots lead into objects
  SettingType type;
  std::string_view text;  // one sentence or two
  SettingValue (*get)(const Owner&);
  void (*put)(Owner&, const SettingValue&);
  std::string_view unit = {};
  std::string_view placeholder = {};  // empty: by the type
  std::uint64_t minimum = 0;
  std::uint64_t maximum = std::numeric_limits<std::uint32_t>::max();
  std::span<const std::string_view> choices = {};
  /// Beyond the type: why a text (each text of a list) cannot be taken, or nothing. Completes "... <text> ".
  std::optional<std::string> (*objection)(std::string_view text) = nullptr;
};

using ServerSetting = Setting<Options>;
using ShareSetting = Setting<ShareOptions>;

/// All rows but "shares", whose rows are share_settings().
std::span<const ServerSetting> server_settings();
std::span<const ShareSetting> share_settings();

inline constexpr std::string_view shares_key = "shares";
inline constexpr std::string_view shares_text =
    "The directory trees to serve. Without this setting there is one, named export. A flag or an environment variable "
    "gives "
    "names only: a share that the file describes keeps its rules.";

/// "portmap.port" -> "DITTO_PORTMAP_PORT"
std::string environment_name(std::string_view key);
/// "portmap.port" -> "--portmap-port"
std::string flag_name(std::string_view key);

/// What a value of this row looks like: "a whole number from 0 to 65535".
template <class Owner>
std::string expectation(const Setting<Owner>& setting);

/// What stands for a value of this row in a usage line: "N", "text|json".
template <class Owner>
std::string placeholder(const Setting<Owner>& setting);

/// Whether the row takes the value, which has the right alternative; else the complaint: "expected ..., found ...".
template <class Owner>
std::optional<std::string> complaint(const Setting<Owner>& setting, const SettingValue& value);

/// The value that `text` stands for, as flags and environment variables write it; the complaint otherwise.
template <class Owner>
std::expected<SettingValue, std::string> value_of(const Setting<Owner>& setting, std::string_view text);

/// The value as flags and environment variables write it.
template <class Owner>
std::string text_of(const Setting<Owner>& setting, const SettingValue& value);

}  // namespace ditto::server
