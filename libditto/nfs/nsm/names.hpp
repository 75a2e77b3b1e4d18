// Whether two names are one host's. Pure, any thread.
#pragma once

#include <algorithm>
#include <string_view>

namespace ditto::nsm {

/// Interop: a lock manager may give the short name and its status monitor the one with the domain.
inline bool same_host(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  const auto same = [&](std::string_view x, std::string_view y) { return std::ranges::equal(x, y, {}, lower, lower); };
  const auto is_short = [](std::string_view name) { return !name.contains('.'); };
  if (is_short(a) == is_short(b)) return same(a, b);
  return same(a.substr(0, a.find('.')), b.substr(0, b.find('.')));
}

}  // namespace ditto::nsm
