#include "server/options/setting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "ditto/configuration.hpp"
#include "server/options/nearest.hpp"

namespace ditto::server {
namespace {

std::string joined(std::span<const std::string_view> words, std::string_view between, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? last : between;
    out += words[i];
  }
  return out;
}

std::optional<bool> boolean_of(std::string_view text) {
  constexpr std::string_view yes[] = {"true", "yes", "on", "1"};
  constexpr std::string_view no[] = {"false", "no", "off", "0"};
  if (std::ranges::find(yes, text) != std::end(yes)) return true;
  if (std::ranges::find(no, text) != std::end(no)) return false;
  return std::nullopt;
}

std::optional<std::uint64_t> number_of(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number, base);
  if (text.empty() || error != std::errc{} || end != text.end()) return std::nullopt;
  return number;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
  }
  return parts;
}

}  // namespace

std::string environment_name(std::string_view key) {
  std::string name = "DITTO_";
  for (const char c : key) name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

std::string flag_name(std::string_view key) {
  std::string name = "--";
  for (const char c : key) name += c == '.' || c == '_' ? '-' : c;
  return name;
}

template <class Owner>
std::string expectation(const Setting<Owner>& setting) {
  switch (setting.type) {
    case SettingType::Boolean: return "true or false";
    case SettingType::Integer: return fmt::format("a whole number from {} to {}", setting.minimum, setting.maximum);
    case SettingType::Octal: return fmt::format("octal digits in quotes, from \"0\" to \"{:o}\"", setting.maximum);
    case SettingType::Text: return "text";
    case SettingType::Choice: return joined(setting.choices, ", ", " or ");
    case SettingType::TextList: return "a list of texts";
  }
  return {};
}

template <class Owner>
std::string placeholder(const Setting<Owner>& setting) {
  if (!setting.placeholder.empty()) return std::string(setting.placeholder);
  switch (setting.type) {
    case SettingType::Boolean: return "true|false";
    case SettingType::Integer: return "N";
    case SettingType::Octal: return "MODE";
    case SettingType::Choice: return joined(setting.choices, "|", "|");
    case SettingType::Text:
    case SettingType::TextList: break;
  }
  return "TEXT";
}

template <class Owner>
std::optional<std::string> complaint(const Setting<Owner>& setting, const SettingValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    if (*number >= setting.minimum && *number <= setting.maximum) return std::nullopt;
    return fmt::format("expected {}, found {}", expectation(setting), text_of(setting, value));
  }
  if (setting.type == SettingType::Choice) {
    const std::string& text = std::get<std::string>(value);
    if (std::ranges::find(setting.choices, text) != setting.choices.end()) return std::nullopt;
    const std::string_view meant = nearest(text, setting.choices);
    return fmt::format("expected {}, found \"{}\"{}", expectation(setting), text,
                       resembles(text, meant) ? fmt::format(" (did you mean {}?)", meant) : "");
  }
  if (!setting.objection) return std::nullopt;
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  const auto texts = list ? std::span(*list) : std::span(&std::get<std::string>(value), 1);
  for (const std::string& text : texts) {
    if (const auto why = setting.objection(text)) return fmt::format("\"{}\" {}", text, *why);
  }
  return std::nullopt;
}

template <class Owner>
std::expected<SettingValue, std::string> value_of(const Setting<Owner>& setting, std::string_view text) {
  std::optional<SettingValue> value;
  switch (setting.type) {
    case SettingType::Boolean: value = boolean_of(text); break;
    case SettingType::Integer: value = number_of(text, 10); break;
    case SettingType::Octal: value = number_of(text, 8); break;
    case SettingType::Text:
    case SettingType::Choice: value = std::string(text); break;
    case SettingType::TextList: value = split(text); break;
  }
  if (!value) return std::unexpected(fmt::format("expected {}, found \"{}\"", expectation(setting), text));
  if (auto why = complaint(setting, *value)) return std::unexpected(*std::move(why));
  return *std::move(value);
}

template <class Owner>
std::string text_of(const Setting<Owner>& setting, const SettingValue& value) {
  struct Printer {
    bool octal;
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::uint64_t number) const {
      return octal ? fmt::format("{:04o}", number) : fmt::format("{}", number);
    }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const std::vector<std::string>& texts) const {
      const std::vector<std::string_view> views(texts.begin(), texts.end());
      return joined(views, ",", ",");
    }
  };
  return std::visit(Printer{setting.type == SettingType::Octal}, value);
}

#define DITTO_SETTING_FUNCTIONS(Owner)                                                                 \
  template std::string placeholder(const Setting<Owner>&);                                             \
  template std::string expectation(const Setting<Owner>&);                                             \
  template std::optional<std::string> complaint(const Setting<Owner>&, const SettingValue&);           \
  template std::expected<SettingValue, std::string> value_of(const Setting<Owner>&, std::string_view); \
  template std::string text_of(const Setting<Owner>&, const SettingValue&);
DITTO_SETTING_FUNCTIONS(Options)
DITTO_SETTING_FUNCTIONS(ShareOptions)
#undef DITTO_SETTING_FUNCTIONS

}  // namespace ditto::server
