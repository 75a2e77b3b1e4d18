#include "server/options/names.hpp"

#include <algorithm>

namespace ditto::server {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<std::string> object_to_share_name(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > max_share_name_bytes) {
    return "is longer than " + std::to_string(max_share_name_bytes) + " bytes";
  }
  if (name == "." || name == "..") return "is a directory's name for itself or its parent";
  // The comma separates names in flags and the environment; the rest are MS-FSCC 2.1.6 and what no mount command takes.
  constexpr std::string_view forbidden = "/\\\"[]:|<>+=;,*?";
  const auto bad = std::ranges::find_if(name, [&](char c) { return is_control(c) || forbidden.contains(c); });
  if (bad != name.end()) {
    if (*bad == '/') return "contains a slash: give the name without the slash that clients put before it";
    return is_control(*bad) ? "contains a control character" : std::string("contains ") + *bad;
  }
  if (name.front() == ' ' || name.back() == ' ') return "begins or ends with a space";
  return std::nullopt;
}

bool same_share_name(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string> object_to_nfs_version(std::string_view version) {
  if (version == "3" || version == "4.0" || version == "4.1" || version == "4.2") return std::nullopt;
  return "is not one of 3, 4.0, 4.1 and 4.2";
}

std::optional<std::string> object_to_domain(std::string_view domain) {
  constexpr std::size_t longest = 128;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (domain.size() > longest) return "is longer than 128 bytes";
  if (!std::ranges::all_of(domain, plain)) return "has characters that a domain does not have";
  return std::nullopt;
}

std::optional<std::string> object_to_path(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.contains('\0')) return "contains a NUL";
  return std::nullopt;
}

}  // namespace ditto::server
