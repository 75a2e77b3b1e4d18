#include <nlohmann/json.hpp>

#include "ditto/configuration.hpp"
#include "server/options/setting.hpp"

namespace ditto::server {
namespace {

using Json = nlohmann::ordered_json;

/// "log.level" -> the place for "level" within "log", whose members are in `at`/`inside` of each other.
Json& member(Json& top, std::string_view key, const char* inside) {
  Json* at = &top;
  while (true) {
    const std::size_t dot = key.find('.');
    Json& next = (*at)[std::string(key.substr(0, dot))];
    if (dot == key.npos) return next;
    at = inside ? &next[inside] : &next;
    key.remove_prefix(dot + 1);
  }
}

template <class Owner>
Json json_of(const Setting<Owner>& row, const SettingValue& value) {
  if (row.type == SettingType::Octal) return text_of(row, value);
  return std::visit([](const auto& plain) { return Json(plain); }, value);
}

template <class Owner>
Json print_object(std::span<const Setting<Owner>> table, const Owner& owner) {
  Json object = Json::object();
  for (const auto& row : table) member(object, row.key, nullptr) = json_of(row, row.get(owner));
  return object;
}

template <class Owner>
Json schema_of(const Setting<Owner>& row, const Owner& defaults) {
  Json schema = {{"description", row.unit.empty() ? std::string(row.text)
                                                  : std::string(row.text) + " Unit: " + std::string(row.unit) + "."}};
  switch (row.type) {
    case SettingType::Boolean: schema["type"] = "boolean"; break;
    case SettingType::Integer:
      schema["type"] = "integer";
      schema["minimum"] = row.minimum;
      schema["maximum"] = row.maximum;
      break;
    case SettingType::Octal:
      schema["type"] = "string";
      schema["pattern"] = "^0*[0-7]{1,4}$";
      break;
    case SettingType::Text:
      schema["type"] = "string";
      if (row.objection && row.objection("")) schema["minLength"] = 1;
      break;
    case SettingType::Choice: schema["enum"] = row.choices; break;
    case SettingType::TextList:
      schema["type"] = "array";
      schema["items"] = {{"type", "string"}};
      break;
  }
  const Json value = json_of(row, row.get(defaults));
  if (value != "") schema["default"] = value;  // empty: the setting is required
  return schema;
}

template <class Owner>
Json object_schema(std::span<const Setting<Owner>> table, const Owner& defaults) {
  Json schema = {{"type", "object"}, {"additionalProperties", false}};
  Json& properties = schema["properties"] = Json::object();
  for (const auto& row : table) {
    const std::string group(row.key.substr(0, row.key.find('.')));
    if (group != row.key && !properties.contains(group)) {
      properties[group] = {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
    }
    member(properties, row.key, "properties") = schema_of(row, defaults);
  }
  return schema;
}

}  // namespace

std::string print_configuration(const Options& options) {
  Json object = print_object(server_settings(), options);
  Json& shares = object[std::string(shares_key)] = Json::array();
  for (const ShareOptions& share : options.shares) shares.push_back(print_object(share_settings(), share));
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string configuration_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Configuration of a Ditto server"},
                 {"description", "Comments (// and /* */) are allowed."}};
  schema.update(object_schema(server_settings(), Options{}));
  Json share = object_schema(share_settings(), ShareOptions{});
  share["required"] = {"name"};
  schema["properties"]["$schema"] = {{"type", "string"}, {"description", "Where this schema is, for editors."}};
  schema["properties"][std::string(shares_key)] = {{"description", shares_text}, {"type", "array"}, {"items", share}};
  return schema.dump(2) + "\n";
}

}  // namespace ditto::server
