#include "server/options/nearest.hpp"

#include <algorithm>
#include <vector>

#include "ditto/configuration.hpp"

namespace ditto::server {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Optimal string alignment; three rows of the table suffice.
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  return *std::ranges::min_element(known, {}, [&](std::string_view each) { return edit_distance(word, each); });
}

bool resembles(std::string_view word, std::string_view meant) {
  return edit_distance(word, meant) <= std::max<std::size_t>(1, meant.size() / 4);
}

}  // namespace ditto::server
