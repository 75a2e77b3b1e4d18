// What every KvStore promises about what is durable, and who is told when. Run on every engine.
#include <algorithm>
#include <atomic>
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

TEMPLATE_TEST_CASE("a transaction that writes is told its number, one after the other in their order", "[kv]",
                   MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  std::vector<Lsn> told;  // by one at a time
  const auto tell = [&](Lsn lsn) { told.push_back(lsn); };
  const auto transact = [&](std::string_view key, bool writes, bool fails) {
    return kv.transact(
        [&](KvTransaction& t) -> Result<void> {
          t.on_commit(tell);
          if (writes) put(t, key, "x");
          if (fails) return fail(Error::Exists);
          return {};
        },
        store::Blocking::Allowed);
  };
  const Lsn first = transact("a", true, false).value();
  CHECK(told == std::vector<Lsn>{first});
  CHECK_FALSE(transact("a", true, true).has_value());
  CHECK(transact("a", false, false).has_value());
  CHECK_FALSE(transact(std::string(store::max_key_bytes + 1, 'k'), true, false).has_value());
  write_one(kv, "a", "nobody asks");
  CHECK(told == std::vector<Lsn>{first});
  std::vector<std::thread> threads;
  for (unsigned n = 0; n < 4; ++n) {
    threads.emplace_back([&, n] {
      for (unsigned i = 0; i < 200; ++i) (void)transact(numbered("k", n), true, false);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(told.size() == 801);
  CHECK(std::is_sorted(told.begin(), told.end()));
}

TEMPLATE_TEST_CASE("the listener hears what is durable before whoever waits for it, and what was committed before that",
                   "[kv]", MemoryEngine, LmdbEngine) {
  struct Listener final : store::StoreListener {
    std::atomic<Lsn> durable{0}, committed{0};
    std::atomic<int> too_soon{0};
    void rolled_back(Lsn) override {}
    void made_durable(Lsn lsn) override {
      if (lsn > committed) ++too_soon;
      Lsn known = durable;
      while (known < lsn && !durable.compare_exchange_weak(known, lsn)) {
      }
    }
  } listener;
  struct Wait : DurableWait {
    Listener* listener = nullptr;
    std::atomic<bool> over{false};
    bool behind = false;
  };
  TestType engine;
  KvStore& kv = engine.kv();
  kv.set_listener(&listener);
  const auto tell = [&](Lsn lsn) { listener.committed = lsn; };
  for (unsigned i = 0; i < 100; ++i) {
    const auto lsn = kv.transact(
        [&](KvTransaction& t) -> Result<void> {
          t.on_commit(tell);
          put(t, numbered("k", i), "x");
          return {};
        },
        store::Blocking::Allowed);
    Wait wait;
    wait.lsn = lsn.value();
    wait.listener = &listener;
    wait.done = [](DurableWait* self, Result<void>) {
      auto* mine = static_cast<Wait*>(self);
      mine->behind = mine->listener->durable >= mine->lsn;
      mine->over = true;
    };
    kv.when_durable(wait);
    while (!wait.over) std::this_thread::yield();
    CHECK(wait.behind);
  }
  CHECK(listener.too_soon == 0);
  kv.set_listener(nullptr);
}
