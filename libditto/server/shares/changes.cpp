#include "server/shares/changes.hpp"

#include <algorithm>

#include "server/options/setting.hpp"

namespace ditto::server {
namespace {

template <class Owner>
std::vector<std::string> differences(std::span<const Setting<Owner>> table, const Owner& before, const Owner& after) {
  std::vector<std::string> keys;
  for (const auto& row : table) {
    if (row.get(before) != row.get(after)) keys.emplace_back(row.key);
  }
  return keys;
}

}  // namespace

ShareChanges compare(const std::vector<ShareOptions>& before, const std::vector<ShareOptions>& after) {
  ShareChanges changes;
  for (const ShareOptions& share : after) {
    const auto known = std::ranges::find(before, share.name, &ShareOptions::name);
    if (known == before.end()) {
      changes.added.push_back(share.name);
    } else if (!differences(share_settings(), *known, share).empty()) {
      changes.changed.push_back(share.name);
    }
  }
  for (const ShareOptions& share : before) {
    const auto kept = std::ranges::find(after, share.name, &ShareOptions::name);
    if (kept == after.end()) changes.removed.push_back(share.name);
  }
  return changes;
}

std::vector<std::string> compare(const Options& before, const Options& after) {
  return differences(server_settings(), before, after);
}

}  // namespace ditto::server
