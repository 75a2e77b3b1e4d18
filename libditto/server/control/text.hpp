// Words for people from a status in JSON: what is missing, or of another type, is taken for empty, since a server may
// be of another version; and columns. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ditto::server {

using Json = nlohmann::ordered_json;

std::string text_at(const Json& object, const char* key);
std::uint64_t number_at(const Json& object, const char* key);
bool is_set(const Json& object, const char* key);
Json member(const Json& object, const char* key, Json::value_t type);
/// Its elements that are objects.
std::vector<Json> list_at(const Json& object, const char* key);

/// One line, whatever a name contains.
std::string plain(std::string text);
/// "3.0 MiB", "3.0 MiB of 1.0 GiB", "2 h 5 min", "3 opens"
std::string size_text(std::uint64_t bytes);
std::string use_text(const Json& use);
std::string duration_text(std::uint64_t seconds);
std::string count_text(std::uint64_t count, std::string_view what);

/// Columns of equal width under a title.
class Table {
 public:
  explicit Table(std::string_view title) : title_(title) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  void print(std::string& out) const;

 private:
  std::string_view title_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace ditto::server
