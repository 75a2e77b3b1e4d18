// What every KvStore promises about what is durable, and who is told when. Run on every engine.
#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/kv_engines.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

/// Remembers in which order its nodes were called.
class Order {
 public:
  struct Node : DurableWait {
    Order* order = nullptr;
  };

  void wait(KvStore& kv, Lsn lsn) {
    auto* node = new Node;
    node->lsn = lsn;
    node->order = this;
    node->done = [](DurableWait* self, Result<void> outcome) {
      std::unique_ptr<Node> mine(static_cast<Node*>(self));
      std::lock_guard lock(mine->order->mutex_);
      if (outcome) mine->order->told_.push_back(mine->lsn);
    };
    kv.when_durable(*node);
  }
  std::vector<Lsn> told() {
    std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  std::mutex mutex_;  // guards told_
  std::vector<Lsn> told_;
};

}  // namespace

TEMPLATE_TEST_CASE("waiters are told once each, in the order of their numbers", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  Order order;
  std::vector<Lsn> numbers;
  for (unsigned i = 0; i < 200; ++i) {
    numbers.push_back(write_one(kv, numbered("k", i), "x"));
    order.wait(kv, numbers.back());
  }
  REQUIRE(kv.wait_durable(numbers.back()).has_value());
  order.wait(kv, numbers.back());  // at once now
  order.wait(kv, 0);
  // The waiter before last is told before the one that was waited for here, or on another thread right after it.
  while (order.told().size() < 202) std::this_thread::yield();
  std::vector<Lsn> told = order.told();
  CHECK(std::count(told.begin(), told.end(), 0) == 1);
  told.erase(std::remove(told.begin(), told.end(), Lsn{0}), told.end());
  told.erase(std::find(told.begin(), told.end(), numbers.back()));
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(kv.durable() >= numbers.back());
}

TEMPLATE_TEST_CASE("what is durable is no longer worth waiting for", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  const Lsn put_at = write_one(kv, "a", "1");
  const Lsn seen = read(kv, [](KvReader& r) {
    CHECK(r.seen() == 0);
    CHECK(get(r, "a") == "1");
    return r.seen();
  });
  CHECK((seen == 0 || seen == put_at));
  REQUIRE(kv.wait_durable(put_at).has_value());
  CHECK(read(kv, [](KvReader& r) {
          CHECK(get(r, "a") == "1");
          CHECK(scan(r).size() == 1);
          return r.seen();
        }) == 0);
  Lsn of_body = 17;
  REQUIRE(kv.transact(
                [](KvTransaction& t) -> Result<void> {
                  CHECK(get(t, "a") == "1");
                  return fail(Error::Exists);
                },
                Blocking::Allowed, &of_body)
              .error() == Error::Exists);
  CHECK(of_body == 0);
}

TEMPLATE_TEST_CASE("waiting from many threads ends for all", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  std::vector<std::thread> threads;
  std::atomic<int> durable = 0;
  for (unsigned thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (unsigned i = 0; i < 50; ++i) {
        const Lsn lsn = write_one(kv, numbered("t", thread * 1000 + i), "x");
        if (kv.wait_durable(lsn) && kv.durable() >= lsn) ++durable;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(durable == 200);
}

TEMPLATE_TEST_CASE("closing makes everything durable and reopening finds it", "[kv]", LmdbEngine) {
  TestType engine;
  Lsn last = 0;
  for (unsigned round = 0; round < 5; ++round) {
    for (unsigned i = 0; i < 50; ++i) last = write_one(engine.kv(), numbered("k", i), std::to_string(round));
    last = write(engine.kv(), [&](KvTransaction& t) { erase(t, numbered("k", round)); });
    engine.reopen();
    CHECK(engine.kv().durable() == last);
    const Pairs found = read(engine.kv(), [](KvReader& r) { return scan(r); });
    CHECK(found.size() == 49);
    CHECK(std::all_of(found.begin(), found.end(),
                      [&](const auto& entry) { return entry.second == std::to_string(round); }));
  }
  CHECK(write_one(engine.kv(), "one more", "") == last + 1);
}
