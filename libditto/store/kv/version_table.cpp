#include "store/kv/version_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace ditto::store {
namespace {

/// Whether `version` comes before (key, lsn) in table order.
bool is_before(const Version& version, Bytes key, Lsn lsn) noexcept {
  const int order = compare_keys(version.key(), key);
  return order != 0 ? order < 0 : version.lsn() > lsn;
}

}  // namespace

int compare_keys(Bytes a, Bytes b) noexcept {
  const std::size_t common = std::min(a.size(), b.size());
  const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  if (order != 0) return order;
  return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
}

void VersionTable::insert(Bytes key, Lsn lsn, std::optional<Bytes> value) {
  const int levels = random_levels();
  const Bytes stored = value.value_or(Bytes{});
  const std::size_t links_bytes = static_cast<std::size_t>(levels) * sizeof(Version::Link);
  std::byte* memory = arena_.allocate(sizeof(Version) + links_bytes + key.size() + stored.size());
  auto* made =
      new (memory) Version(lsn, static_cast<std::uint16_t>(key.size()), static_cast<std::uint32_t>(stored.size()),
                           static_cast<std::uint8_t>(levels), !value.has_value());
  std::byte* payload = memory + sizeof(Version) + links_bytes;
  if (!key.empty()) std::memcpy(payload, key.data(), key.size());
  if (!stored.empty()) std::memcpy(payload + key.size(), stored.data(), stored.size());

  if (levels > levels_.load(std::memory_order_relaxed)) levels_.store(levels, std::memory_order_relaxed);
  std::array<Version::Link*, max_levels> before;
  Version::Link* at = head_.data();
  for (int level = levels_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    Version* next = at[level].load(std::memory_order_relaxed);
    while (next != nullptr && is_before(*next, key, lsn)) {
      at = next->links();
      next = at[level].load(std::memory_order_relaxed);
    }
    if (level >= levels) continue;
    before[level] = &at[level];
    new (&made->links()[level]) Version::Link(next);
  }
  // Only once all its own links stand may readers meet it.
  for (int level = 0; level < levels; ++level) before[level]->store(made, std::memory_order_release);
}

void VersionTable::clear() noexcept {
  for (Version::Link& link : head_) link.store(nullptr, std::memory_order_relaxed);
  levels_.store(1, std::memory_order_relaxed);
  arena_.reset();
}

const Version* VersionTable::find(Bytes key, Lsn ceiling) const noexcept {
  const Version* version = lower_bound(key, ceiling);
  return version != nullptr && compare_keys(version->key(), key) == 0 ? version : nullptr;
}

const Version* VersionTable::lower_bound(Bytes key, Lsn ceiling) const noexcept {
  const Version::Link* at = head_.data();
  const Version* next = nullptr;
  for (int level = levels_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    next = at[level].load(std::memory_order_acquire);
    while (next != nullptr && is_before(*next, key, ceiling)) {
      at = next->links();
      next = at[level].load(std::memory_order_acquire);
    }
  }
  return next;
}

const Version* VersionTable::next_key(const Version& version) const noexcept {
  // Most keys have one version or two; the others, like a busy directory's, have thousands.
  constexpr int steps = 4;
  const Version* next = version.next();
  for (int step = 0; step < steps; ++step, next = next->next()) {
    if (next == nullptr || compare_keys(next->key(), version.key()) != 0) return next;
  }
  // No version has the number 0, so that place is behind all of the key's own.
  return lower_bound(version.key(), 0);
}

int VersionTable::random_levels() noexcept {
  // xorshift64: no more is asked of it than that keys cannot line up with it.
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return 1 + std::min(max_levels - 1, std::countr_zero(random_) / 2);
}

}  // namespace ditto::store
