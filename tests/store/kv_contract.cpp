// What every KvStore promises one caller: transactions, views, scans, sizes. Run on every engine.
#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "store/kv_engines.hpp"

using namespace ditto;
using namespace ditto::test;

TEMPLATE_TEST_CASE("a transaction's writes show in the next view", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  CHECK(read_one(kv, "a") == std::nullopt);
  const Lsn first = write_one(kv, "a", "1");
  const Lsn second = write(kv, [](KvTransaction& t) {
    put(t, "a", "2");
    put(t, "b", "");
  });
  CHECK(first > 0);
  CHECK(second > first);
  CHECK(read_one(kv, "a") == "2");
  CHECK(read_one(kv, "b") == "");
  CHECK(write(kv, [](KvTransaction& t) { erase(t, "a"); }) > second);
  CHECK(read_one(kv, "a") == std::nullopt);
  CHECK(kv.wait_durable(second).has_value());
  CHECK(read_one(kv, "a") == std::nullopt);
  CHECK(read_one(kv, "b") == "");
}

TEMPLATE_TEST_CASE("a transaction sees its own writes in get, get_many and scan", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  REQUIRE(kv.wait_durable(write(kv,
                                [](KvTransaction& t) {
                                  put(t, "b", "old");
                                  put(t, "d", "old");
                                  put(t, "f", "old");
                                }))
              .has_value());
  write_one(kv, "e", "middle");
  write(kv, [](KvTransaction& t) {
    put(t, "a", "new");
    put(t, "b", "new");
    erase(t, "d");
    put(t, "c", "first");
    put(t, "c", "second");
    erase(t, "e");
    put(t, "e", "again");
    erase(t, "nobody");
    CHECK(get(t, "a") == "new");
    CHECK(get(t, "c") == "second");
    CHECK(get(t, "d") == std::nullopt);
    CHECK(get(t, "f") == "old");
    const std::array keys{bytes_of("a"), bytes_of("d"), bytes_of("f"), bytes_of("zz")};
    std::array<std::optional<Bytes>, 4> values;
    REQUIRE(t.get_many(keys, values).has_value());
    CHECK(owned(*values[0]) == "new");
    CHECK_FALSE(values[1].has_value());
    CHECK(owned(*values[2]) == "old");
    CHECK_FALSE(values[3].has_value());
    CHECK(scan(t) == Pairs{{"a", "new"}, {"b", "new"}, {"c", "second"}, {"e", "again"}, {"f", "old"}});
    CHECK(scan(t, "b", "e") == Pairs{{"b", "new"}, {"c", "second"}});
  });
  CHECK(read(kv, [](KvReader& r) { return scan(r); }) ==
        Pairs{{"a", "new"}, {"b", "new"}, {"c", "second"}, {"e", "again"}, {"f", "old"}});
}

TEMPLATE_TEST_CASE("a scan sees what its own visitor writes behind the visited key", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  write(kv, [](KvTransaction& t) {
    for (const char* key : {"a", "c", "e", "g"}) put(t, key, "x");
  });
  std::string visited;
  write(kv, [&](KvTransaction& t) {
    REQUIRE(t.scan({}, {}, [&](Bytes key, Bytes) {
               visited += text_of(key);
               if (text_of(key) == "a") {
                 erase(t, "c");
                 put(t, "d", "new");
                 put(t, "a", "changed");
               }
               if (text_of(key) == "e") put(t, "b", "too late");
               if (text_of(key) == "g") put(t, "h", "last");
               return true;
             }).has_value());
  });
  CHECK(visited == "adegh");
  CHECK(read_one(kv, "a") == "changed");
  CHECK(read_one(kv, "c") == std::nullopt);
}

TEMPLATE_TEST_CASE("scans inside scans do not disturb each other", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  REQUIRE(kv.wait_durable(write(kv,
                                [](KvTransaction& t) {
                                  for (unsigned i = 0; i < 6; ++i) put(t, numbered("k", i), "x");
                                }))
              .has_value());
  std::size_t outer = 0, inner = 0;
  REQUIRE(kv.view(
                [&](KvReader& reader) {
                  return reader.scan({}, {}, [&](Bytes, Bytes) {
                    ++outer;
                    inner += scan(reader).size();
                    return true;
                  });
                },
                Blocking::Allowed)
              .has_value());
  CHECK(outer == 6);
  CHECK(inner == 36);
}

TEMPLATE_TEST_CASE("a body that fails leaves nothing behind", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  write_one(kv, "a", "1");
  const auto outcome = kv.transact(
      [](KvTransaction& t) -> Result<void> {
        put(t, "a", "2");
        put(t, "b", "2");
        return fail(Error::NotEmpty);
      },
      Blocking::Allowed);
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error() == Error::NotEmpty);
  CHECK(read(kv, [](KvReader& r) { return scan(r); }) == Pairs{{"a", "1"}});
  CHECK(kv.view([](KvReader&) -> Result<void> { return fail(Error::NotFound); }, Blocking::Allowed).error() ==
        Error::NotFound);
}

TEMPLATE_TEST_CASE("a body that writes nothing changes no number", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  const Lsn before = write_one(kv, "a", "1");
  REQUIRE(kv.wait_durable(before).has_value());
  CHECK(write(kv, [](KvTransaction& t) { CHECK(get(t, "a") == "1"); }) == 0);
  CHECK(write_one(kv, "a", "2") == before + 1);
}

TEMPLATE_TEST_CASE("scans keep to their ends and can be resumed", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  Pairs expected;
  for (unsigned i = 0; i < 100; ++i) expected.emplace_back(numbered("k", i), std::to_string(i));
  // Half of it in the durable state, half of it above, one within the other.
  Lsn last = 0;
  for (unsigned half : {0u, 1u}) {
    if (last != 0) REQUIRE(kv.wait_durable(last).has_value());
    last = write(kv, [&](KvTransaction& t) {
      for (unsigned i = half; i < 100; i += 2) put(t, expected[i].first, expected[i].second);
    });
  }
  write(kv, [](KvTransaction& t) {
    put(t, "j", "before");
    put(t, "l", "behind");
  });
  CHECK(read(kv, [](KvReader& r) { return scan(r, "k", "l"); }) == expected);
  CHECK(read(kv, [](KvReader& r) { return scan(r, "k", "l", 1); }).size() == 1);
  CHECK(read(kv, [](KvReader& r) { return scan(r, "k00000099"); }) == Pairs{{"k00000099", "99"}, {"l", "behind"}});
  CHECK(read(kv, [](KvReader& r) { return scan(r, "k00000010", "k00000010"); }).empty());
  CHECK(read(kv, [](KvReader& r) { return scan(r, "k00000020", "k00000010"); }).empty());
  CHECK(read(kv, [](KvReader& r) { return scan(r, "x"); }).empty());

  Pairs resumed;
  std::string from = "k";
  for (;;) {
    const Pairs part = read(kv, [&](KvReader& r) { return scan(r, from, "l", 7); });
    if (part.empty()) break;
    resumed.insert(resumed.end(), part.begin(), part.end());
    from = part.back().first + '\0';
  }
  CHECK(resumed == expected);
}

TEMPLATE_TEST_CASE("keys of 1 to 511 bytes and values of 0 bytes to 1 MiB are kept", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  const std::string longest(store::max_key_bytes, '\xff');
  const std::string zero(1, '\0');
  Lsn last = 0;
  std::vector<std::string> values;
  for (const std::size_t size : {0, 1, 2000, 4096, 70'000, 1 << 20}) {
    std::string value(size, 'v');
    for (std::size_t i = 0; i < size; ++i) value[i] = static_cast<char>(i * 7 + size);
    values.push_back(std::move(value));
  }
  for (const std::string& value : values) {
    last = write(kv, [&](KvTransaction& t) {
      put(t, longest, value);
      put(t, zero, value);
      CHECK(get(t, longest) == value);
    });
    CHECK(read_one(kv, longest) == value);
    REQUIRE(kv.wait_durable(last).has_value());
    CHECK(read_one(kv, longest) == value);
    CHECK(read_one(kv, zero) == value);
  }
  CHECK(read(kv, [](KvReader& r) { return scan(r); }).size() == 2);
  // Resuming behind the longest key, with a key that could not be stored.
  CHECK(read(kv, [&](KvReader& r) { return scan(r, longest + '\0'); }).empty());
  CHECK(read(kv, [&](KvReader& r) { return scan(r, longest); }).size() == 1);
  CHECK(read_one(kv, "") == std::nullopt);
  CHECK(read_one(kv, longest + "x") == std::nullopt);

  for (const std::string& bad : {std::string(), longest + "x"}) {
    const auto outcome = kv.transact(
        [&](KvTransaction& t) -> Result<void> {
          put(t, "fine", "x");
          put(t, bad, "x");
          return {};
        },
        Blocking::Allowed);
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error() == Error::InvalidArgument);
  }
  CHECK(read_one(kv, "fine") == std::nullopt);
}
