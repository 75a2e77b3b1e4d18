// The ordered table of versions: order, ceilings, and readers beside the one writer.
#include "store/kv/version_table.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "store/kv/write_set.hpp"

using namespace ditto;
using namespace ditto::store;

namespace {

std::string text(Bytes bytes) { return std::string(text_of(bytes)); }

}  // namespace

TEST_CASE("a version is found by the newest number up to a ceiling", "[table]") {
  VersionTable table;
  CHECK(table.empty());
  table.insert(bytes_of("b"), 3, bytes_of("three"));
  table.insert(bytes_of("b"), 7, std::nullopt);
  table.insert(bytes_of("b"), 5, bytes_of("five"));
  table.insert(bytes_of("a"), 4, bytes_of(""));
  CHECK_FALSE(table.empty());
  CHECK(table.find(bytes_of("b"), 2) == nullptr);
  CHECK(text(table.find(bytes_of("b"), 3)->value()) == "three");
  CHECK(text(table.find(bytes_of("b"), 6)->value()) == "five");
  CHECK(table.find(bytes_of("b"), 100)->erased());
  CHECK(table.find(bytes_of("b"), 100)->lsn() == 7);
  CHECK_FALSE(table.find(bytes_of("a"), 4)->erased());
  CHECK(table.find(bytes_of("a"), 4)->value().empty());
  CHECK(table.find(bytes_of("ab"), 100) == nullptr);
  CHECK(table.find(bytes_of("c"), 100) == nullptr);
  table.clear();
  CHECK(table.empty());
  CHECK(table.find(bytes_of("a"), 4) == nullptr);
}

TEST_CASE("a table is in key order, newest first", "[table]") {
  VersionTable table;
  std::map<std::pair<std::string, long>, std::string> model;
  std::mt19937 random(1);
  for (Lsn lsn = 1; lsn <= 3000; ++lsn) {
    std::string key(1 + random() % 4, '\0');
    for (char& byte : key) byte = static_cast<char>(random() % 5 * 60);
    const std::string value = std::to_string(lsn);
    table.insert(bytes_of(key), lsn, bytes_of(value));
    model.emplace(std::pair(key, -static_cast<long>(lsn)), value);
  }
  const Version* at = table.first();
  std::size_t wrong = 0;
  for (const auto& [key, value] : model) {
    if (at == nullptr || text(at->key()) != key.first || text(at->value()) != value) ++wrong;
    at = at == nullptr ? nullptr : at->next();
  }
  CHECK(wrong == 0);
  CHECK(at == nullptr);
  for (const auto& [key, value] : model) {
    const auto next = model.lower_bound({key.first, key.second + 1});
    const Version* found = table.lower_bound(bytes_of(key.first), static_cast<Lsn>(-key.second) - 1);
    if ((found == nullptr) != (next == model.end())) ++wrong;
    if (found != nullptr && text(found->value()) != next->second) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("readers beside the writer see whole versions in order", "[table]") {
  VersionTable table;
  constexpr unsigned last = 20'000;
  std::atomic<unsigned> published = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (unsigned reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] {
      std::mt19937 random(reader);
      for (unsigned seen = 0; seen < last;) {
        seen = published.load();
        if (seen == 0) continue;
        const unsigned wanted = 1 + random() % seen;
        const std::string key = std::to_string(wanted * 7919 % last);
        const Version* found = table.find(bytes_of(key), wanted);
        if (found == nullptr || text(found->value()) != key + key) ++wrong;
        const Version* next = found == nullptr ? nullptr : found->next();
        if (next != nullptr && compare_keys(next->key(), found->key()) < 0) ++wrong;
      }
    });
  }
  for (unsigned number = 1; number <= last; ++number) {
    const std::string key = std::to_string(number * 7919 % last);
    table.insert(bytes_of(key), number, bytes_of(key + key));
    published.store(number);
  }
  for (auto& reader : readers) reader.join();
  CHECK(wrong == 0);
}

TEST_CASE("a write set keeps its latest word on each key", "[table]") {
  WriteSet writes;
  CHECK(writes.empty());
  writes.put(bytes_of("b"), bytes_of("1"));
  writes.put(bytes_of("a"), bytes_of("2"));
  writes.erase(bytes_of("b"));
  writes.put(bytes_of("c"), bytes_of(std::string(2 << 20, 'x')));
  writes.put(bytes_of("c"), bytes_of("3"));
  CHECK(writes.writes() == 5);
  CHECK(writes.find(bytes_of("b"))->erased());
  CHECK(writes.find(bytes_of("zz")) == nullptr);
  std::string all;
  writes.for_each(
      [&](const Version& write) { all += text(write.key()) + (write.erased() ? "-" : text(write.value())); });
  CHECK(all == "a2b-c3");
  CHECK_FALSE(writes.bad_key());
  writes.put({}, bytes_of("x"));
  CHECK(writes.bad_key());
  writes.clear();
  CHECK(writes.empty());
  CHECK_FALSE(writes.bad_key());
  CHECK(writes.table().empty());
}
