// What every KvStore promises callers that run at once: serializable transactions, views that stand still. Run on every
// engine.
#include <atomic>
#include <catch2/catch.hpp>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "store/kv_engines.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr int accounts = 20;
constexpr int initial = 100;

int number(const std::optional<std::string>& text) { return text ? std::stoi(*text) : 0; }

Result<Lsn> transfer(KvStore& kv, Blocking blocking, int from, int to, int amount) {
  return kv.transact(
      [&](KvTransaction& t) -> Result<void> {
        const std::string a = numbered("account", static_cast<unsigned>(from));
        const std::string b = numbered("account", static_cast<unsigned>(to));
        const int has = number(get(t, a));
        if (has < amount) return fail(Error::QuotaExceeded);
        put(t, a, std::to_string(has - amount));
        put(t, b, std::to_string(number(get(t, b)) + amount));
        return {};
      },
      blocking);
}

int total(KvReader& reader) {
  int sum = 0;
  for (const auto& [key, value] : scan(reader, "account", "accounu")) sum += std::stoi(value);
  return sum;
}

}  // namespace

TEMPLATE_TEST_CASE("transfers between accounts lose nothing, and no view sees one half done", "[kv]", MemoryEngine,
                   LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  write(kv, [](KvTransaction& t) {
    for (unsigned i = 0; i < accounts; ++i) put(t, numbered("account", i), std::to_string(initial));
  });
  std::atomic<bool> running = true;
  std::atomic<int> moved = 0, refused = 0, wrong = 0, moving_views = 0;
  std::latch viewing(
      2);  // Nothing moves before both have taken a first view, however late a loaded machine starts them.
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    threads.emplace_back([&, seed] {
      viewing.wait();
      unsigned state = seed * 7919;
      for (int i = 0; i < 1500; ++i) {
        state = state * 1664525 + 1013904223;
        const int from = static_cast<int>(state >> 8) % accounts;
        const int to = (from + 1 + static_cast<int>(state >> 20) % (accounts - 1)) % accounts;
        const auto blocking = i % 2 == 0 ? Blocking::Allowed : Blocking::Never;
        const auto outcome = transfer(kv, blocking, from, to, static_cast<int>(state >> 16) % 50);
        if (outcome) {
          ++moved;
          if (i % 50 == 0 && !kv.wait_durable(*outcome)) ++wrong;
        } else if (outcome.error() == Error::QuotaExceeded || outcome.error() == Error::WouldBlock) {
          ++refused;
        } else {
          ++wrong;
        }
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (bool first = true; running; first = false) {
        const auto done = kv.view(
            [&](KvReader& reader) -> Result<void> {
              // Twice, with time in between for commits and checkpoints.
              if (total(reader) != accounts * initial) ++wrong;
              const Pairs before = scan(reader);
              std::this_thread::yield();
              if (scan(reader) != before) ++moving_views;
              for (const auto& [key, value] : before) {
                if (get(reader, key) != value) ++moving_views;
              }
              return {};
            },
            Blocking::Allowed);
        if (!done) ++wrong;
        if (first) viewing.count_down();
      }
    });
  }
  for (std::size_t i = 0; i < 3; ++i) threads[i].join();
  running = false;
  for (std::size_t i = 3; i < threads.size(); ++i) threads[i].join();
  CHECK(moved > 500);
  CHECK(wrong == 0);
  CHECK(moving_views == 0);
  CHECK(read(kv, [](KvReader& r) { return total(r); }) == accounts * initial);
}

TEMPLATE_TEST_CASE("two transactions cannot both rest on what the other changes", "[kv]", MemoryEngine, LmdbEngine) {
  // Write skew: each takes one of two only if it finds both there. One of a pair of racing transactions must find one
  // gone.
  TestType engine;
  KvStore& kv = engine.kv();
  std::atomic<int> both = 0;
  for (int round = 0; round < 200; ++round) {
    write(kv, [](KvTransaction& t) {
      put(t, "left", "1");
      put(t, "right", "1");
    });
    std::atomic<int> taken = 0;
    const auto take = [&](const char* mine) {
      write(kv, [&](KvTransaction& t) {
        if (!get(t, "left") || !get(t, "right")) return;
        erase(t, mine);
      });
      if (!read_one(kv, mine)) ++taken;
    };
    std::thread other([&] { take("left"); });
    take("right");
    other.join();
    if (taken != 1) ++both;
  }
  CHECK(both == 0);
}

TEMPLATE_TEST_CASE("many threads counting one counter count right", "[kv]", MemoryEngine, LmdbEngine) {
  TestType engine;
  KvStore& kv = engine.kv();
  std::vector<std::thread> threads;
  std::vector<std::vector<Lsn>> numbers(4);
  for (auto& mine : numbers) {
    threads.emplace_back([&] {
      for (int i = 0; i < 300; ++i) {
        mine.push_back(write(kv, [](KvTransaction& t) { put(t, "n", std::to_string(number(get(t, "n")) + 1)); }));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(read_one(kv, "n") == "1200");
  std::vector<Lsn> all;
  for (const auto& mine : numbers) {
    CHECK(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(all.size() == 1200);
}
