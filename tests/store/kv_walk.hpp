#pragma once

// Random transactions and reads of a KvStore, compared with a std::map at every step. One thread.

#include <map>
#include <random>
#include <string>

#include "store/kv_engines.hpp"

namespace ditto::test {

using Model = std::map<std::string, std::string>;

class Walk {
 public:
  explicit Walk(std::uint64_t seed, unsigned largest_value = 20'000)
      : random_(static_cast<std::mt19937::result_type>(seed)), largest_value_(largest_value) {}

  unsigned below(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_); }

  std::string key() {
    // Few keys, so that they meet; of all lengths, some prefixes of others.
    std::string key(1 + below(3), 'a');
    for (char& letter : key) letter = static_cast<char>('a' + below(4));
    if (below(20) == 0) key.resize(store::max_key_bytes, static_cast<char>('a' + below(4)));
    return key;
  }
  std::string value() {
    const unsigned size = below(50) == 0 ? below(largest_value_) : below(40);
    return std::string(size, static_cast<char>('A' + below(26)));
  }

 private:
  std::mt19937 random_;
  const unsigned largest_value_;
};

inline Pairs range_of(const Model& model, const std::string& from, const std::string& to, std::size_t limit) {
  Pairs found;
  for (auto at = model.lower_bound(from); at != model.end() && found.size() < limit; ++at) {
    if (!to.empty() && at->first >= to) break;
    found.emplace_back(*at);
  }
  return found;
}

/// Some reads, each compared with the model.
inline bool agrees(KvReader& reader, const Model& model, Walk& walk) {
  for (unsigned i = 0; i < 3; ++i) {
    const std::string key = walk.key();
    const auto expected = model.find(key);
    const auto found = get(reader, key);
    if (found.has_value() != (expected != model.end())) return false;
    if (found && *found != expected->second) return false;
  }
  const std::string from = walk.below(3) == 0 ? "" : walk.key();
  const std::string to = walk.below(3) == 0 ? "" : walk.key();
  const std::size_t limit = walk.below(2) == 0 ? 1 + walk.below(10) : 1'000'000;
  return scan(reader, from, to, limit) == range_of(model, from, to, limit);
}

/// One random transaction on store and model; false if they disagree.
inline bool step(KvStore& kv, Model& model, Walk& walk, Lsn& last) {
  Model changed = model;
  bool agreed = true;
  bool wrote = false;
  const bool fails = walk.below(10) == 0;
  const auto outcome = kv.transact(
      [&](KvTransaction& t) -> Result<void> {
        for (unsigned writes = walk.below(12); writes > 0; --writes) {
          const std::string key = walk.key();
          wrote = true;
          if (walk.below(3) == 0) {
            erase(t, key);
            changed.erase(key);
          } else {
            const std::string value = walk.value();
            put(t, key, value);
            changed[key] = value;
          }
          if (walk.below(4) == 0) agreed = agreed && agrees(t, changed, walk);
        }
        agreed = agreed && agrees(t, changed, walk);
        if (fails) return fail(Error::Busy);
        return {};
      },
      Blocking::Allowed);
  if (outcome.has_value() == fails) return false;
  if (outcome) {
    model = std::move(changed);
    // Who wrote gets the next number, who only read at most the last.
    if (wrote ? *outcome != last + 1 : *outcome > last) return false;
    last = std::max(last, *outcome);
  }
  return agreed;
}

}  // namespace ditto::test
