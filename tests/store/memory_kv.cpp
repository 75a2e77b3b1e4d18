// MemoryKv with its durability in the test's hands: what is seen, and what taking back restores.
#include "store/kv/memory_kv.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>

#include "store/kv_engines.hpp"

using namespace ditto;
using namespace ditto::test;
using store::MemoryKv;

namespace {

Lsn seen_with(KvStore& kv, std::string_view key) {
  return read(kv, [&](KvReader& r) {
    get(r, key);
    return r.seen();
  });
}

}  // namespace

TEST_CASE("in manual mode a change is seen until it is made durable", "[memory]") {
  MemoryKv kv(MemoryKv::Durability::Manual);
  const Lsn put_at = write_one(kv, "a", "1");
  const Lsn erased_at = write(kv, [](KvTransaction& t) {
    put(t, "b", "1");
    erase(t, "c");
  });
  CHECK(kv.last() == erased_at);
  CHECK(kv.durable() == 0);
  CHECK(seen_with(kv, "a") == put_at);
  CHECK(seen_with(kv, "c") == erased_at);
  CHECK(seen_with(kv, "nobody") == 0);
  CHECK(read(kv, [](KvReader& r) { return (scan(r, "c", "d"), r.seen()); }) == erased_at);
  kv.make_durable(put_at);
  CHECK(kv.durable() == put_at);
  CHECK(seen_with(kv, "a") == 0);
  CHECK(seen_with(kv, "b") == erased_at);
  kv.make_durable(99);
  CHECK(kv.durable() == erased_at);
  CHECK(seen_with(kv, "c") == 0);
}

TEST_CASE("taking back restores what is durable, and the numbers stay lost", "[memory]") {
  MemoryKv kv(MemoryKv::Durability::Manual);
  const Lsn kept = write_one(kv, "a", "1");
  write_one(kv, "b", "1");
  kv.make_durable(2);
  const Lsn lost = write(kv, [](KvTransaction& t) {
    put(t, "a", "2");
    erase(t, "b");
    put(t, "c", "2");
  });
  kv.take_back(Error::NoSpace);
  CHECK(read(kv, [](KvReader& r) { return scan(r); }) == Pairs{{"a", "1"}, {"b", "1"}});
  CHECK(seen_with(kv, "a") == 0);
  CHECK(kv.wait_durable(kept).has_value());
  CHECK(kv.wait_durable(lost).error() == Error::NoSpace);
  // Twice in a row, with nothing durable in between.
  const Lsn lost_too = write_one(kv, "a", "3");
  kv.take_back(Error::Io);
  CHECK(kv.wait_durable(lost).error() == Error::NoSpace);
  CHECK(kv.wait_durable(lost_too).error() == Error::Io);
  kv.take_back(Error::Io);
  const Lsn later = write_one(kv, "a", "4");
  CHECK(later == lost_too + 1);
  kv.make_durable(later);
  CHECK(kv.wait_durable(later).has_value());
  CHECK(kv.wait_durable(lost_too).error() == Error::Io);
}

TEST_CASE("whatever is written, taking back leads to the last durable state", "[memory]") {
  std::mt19937 random(1);
  MemoryKv kv(MemoryKv::Durability::Manual);
  std::map<Lsn, Pairs> states{{0, {}}};
  int wrong = 0;
  for (int step = 0; step < 2000; ++step) {
    const Lsn lsn = write(kv, [&](KvTransaction& t) {
      for (int i = 0; i < 3; ++i) {
        const std::string key(1, static_cast<char>('a' + random() % 6));
        if (random() % 3 == 0) {
          erase(t, key);
        } else {
          put(t, key, std::to_string(step));
        }
      }
    });
    states[lsn] = read(kv, [](KvReader& r) { return scan(r); });
    if (random() % 4 == 0) kv.make_durable(kv.durable() + random() % (kv.last() - kv.durable() + 1));
    if (random() % 10 == 0) {
      // The newest state that is durable: numbers between may have been lost.
      const auto durable = std::prev(states.upper_bound(kv.durable()));
      kv.take_back(Error::NoSpace);
      if (read(kv, [](KvReader& r) { return scan(r); }) != durable->second) ++wrong;
      states.erase(std::next(durable), states.end());
    }
  }
  CHECK(wrong == 0);
}
