// docs/configuration.md and docs/configuration.schema.json are what the table of settings says. `test-options
// [write-docs]` writes them anew after the table has changed.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "ditto/configuration.hpp"

using namespace ditto::server;

namespace {

const std::string docs = DITTO_DOCS;
const std::string page = docs + "/configuration.md";
const std::string schema = docs + "/configuration.schema.json";
constexpr std::string_view begin_mark = "<!-- settings -->\n";
constexpr std::string_view end_mark = "<!-- end of settings -->\n";

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  INFO(path);
  REQUIRE(file.is_open());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  REQUIRE(file.good());
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

std::string row(const SettingDescription& setting) {
  std::string line = "| " + code(setting.key) + " | " + setting.type;
  if (!setting.unit.empty()) line += " (" + setting.unit + ")";
  line += " | " + code(setting.default_value) + " | " + setting.text;
  if (!setting.flag.empty()) line += " " + code(setting.flag) + ", " + code(setting.environment);
  return line + " |\n";
}

std::string tables() {
  std::string text = "| setting | value | default | what it is |\n| --- | --- | --- | --- |\n";
  for (const SettingDescription& setting : describe_settings()) text += row(setting);
  return text;
}

/// The page with the part between its marks replaced.
std::string with_tables(const std::string& text) {
  const std::size_t begin = text.find(begin_mark), end = text.find(end_mark);
  REQUIRE(begin != text.npos);
  REQUIRE(end != text.npos);
  return text.substr(0, begin) + std::string(begin_mark) + "\n" + tables() + "\n" + text.substr(end);
}

}  // namespace

TEST_CASE("docs/configuration.schema.json is the schema of the table") {
  CHECK(contents(schema) == configuration_schema());
}

TEST_CASE("docs/configuration.md lists every setting") { CHECK(contents(page) == with_tables(contents(page))); }

TEST_CASE("write the documents", "[.][write-docs]") {
  write(schema, configuration_schema());
  write(page, with_tables(contents(page)));
}
