// What LmdbKv does beyond the contract: numbers seen while the disk is held back, never blocking, disks that fail.
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "store/kv_engines.hpp"
#include "support/power_cut/sync_gate.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

/// A store with one durable entry, whose next changes stay above the disk.
struct HeldStore {
  LmdbEngine engine;
  KvStore& kv = engine.kv();
  Lsn durable = 0;
  std::optional<HeldSyncs> held;

  explicit HeldStore(std::size_t memory_bytes = store::LmdbKvOptions{}.memory_bytes)
      : engine({.journal = {.segment_bytes = 1 << 20}, .memory_bytes = memory_bytes}) {
    durable = write(kv, [](KvTransaction& t) {
      put(t, "durable", "1");
      put(t, "erased", "1");
    });
    REQUIRE(kv.wait_durable(durable).has_value());
    held.emplace();
  }
  void release() { held.reset(); }
  /// Somebody waits for `lsn`, and the sync that is to make it durable has begun.
  void wait_for_sync(Lsn lsn) {
    waiters.emplace_back([this, lsn] { outcome = kv.wait_durable(lsn); });
    held->wait_for(1);
  }
  ~HeldStore() {
    release();
    for (std::thread& waiter : waiters) waiter.join();
  }

  std::vector<std::thread> waiters;
  Result<void> outcome;  // of the last of them
};

Result<Lsn> try_write(KvStore& kv, Blocking blocking, std::string_view key, std::string_view value) {
  return kv.transact(
      [&](KvTransaction& t) -> Result<void> {
        put(t, key, value);
        return {};
      },
      blocking);
}

class Listener final : public store::StoreListener {
 public:
  void rolled_back(Lsn durable) override { told.push_back(durable); }
  std::vector<Lsn> told;
};

}  // namespace

TEST_CASE("seen counts what was read and is not yet durable, absences included", "[lmdb]") {
  HeldStore store;
  const Lsn put_at = write_one(store.kv, "new", "2");
  const Lsn erased_at = write(store.kv, [](KvTransaction& t) { erase(t, "erased"); });
  const auto seen_by = [&](auto body) {
    return read(store.kv, [&](KvReader& r) {
      body(r);
      return r.seen();
    });
  };
  CHECK(seen_by([](KvReader&) {}) == 0);
  CHECK(seen_by([](KvReader& r) { CHECK(get(r, "durable") == "1"); }) == 0);
  CHECK(seen_by([](KvReader& r) { CHECK(get(r, "nobody") == std::nullopt); }) == 0);
  CHECK(seen_by([](KvReader& r) { CHECK(get(r, "new") == "2"); }) == put_at);
  CHECK(seen_by([](KvReader& r) { CHECK(get(r, "erased") == std::nullopt); }) == erased_at);
  CHECK(seen_by([](KvReader& r) { CHECK(scan(r, "d", "e").size() == 1); }) == 0);
  CHECK(seen_by([](KvReader& r) { CHECK(scan(r, "e", "f").empty()); }) == erased_at);
  CHECK(seen_by([](KvReader& r) { CHECK(scan(r).size() == 2); }) == erased_at);
  CHECK(seen_by([](KvReader& r) { CHECK(scan(r, {}, {}, 1).size() == 1); }) == 0);
  CHECK(seen_by([](KvReader& r) {
          get(r, "new");
          get(r, "durable");
        }) == put_at);

  // Transactions: one that writes nothing, one that fails, one that reads its own write.
  CHECK(write(store.kv, [](KvTransaction& t) { get(t, "new"); }) == put_at);
  Lsn seen = 0;
  CHECK(store.kv
            .transact(
                [](KvTransaction& t) -> Result<void> {
                  get(t, "erased");
                  return fail(Error::NotFound);
                },
                Blocking::Allowed, &seen)
            .error() == Error::NotFound);
  CHECK(seen == erased_at);
  const Lsn own = write(store.kv, [](KvTransaction& t) {
    put(t, "new", "3");
    CHECK(get(t, "new") == "3");
    CHECK(t.seen() == 0);
  });
  CHECK(own == erased_at + 1);
  CHECK(store.kv.durable() == store.durable);
  store.release();
  REQUIRE(store.kv.wait_durable(own).has_value());
  CHECK(seen_by([](KvReader& r) { CHECK(scan(r).size() == 2); }) == 0);
}

TEST_CASE("a view that is open during a commit keeps its state and its numbers", "[lmdb]") {
  HeldStore store;
  const Lsn put_at = write_one(store.kv, "new", "2");
  read(store.kv, [&](KvReader& r) {
    CHECK(get(r, "new") == "2");
    const Lsn before = r.seen();
    std::thread other([&] {
      store.release();
      REQUIRE(store.kv.wait_durable(write_one(store.kv, "new", "3")).has_value());
      REQUIRE(store.kv.wait_durable(write(store.kv, [](KvTransaction& t) { erase(t, "durable"); })).has_value());
    });
    other.join();
    CHECK(get(r, "new") == "2");
    CHECK(get(r, "durable") == "1");
    CHECK(scan(r) == Pairs{{"durable", "1"}, {"erased", "1"}, {"new", "2"}});
    CHECK(before == put_at);
    CHECK(r.seen() == put_at);
    return true;
  });
  CHECK(read_one(store.kv, "new") == "3");
}

TEST_CASE("a checkpoint in many steps shows nothing of itself to views, whenever they are opened", "[lmdb]") {
  constexpr unsigned keys = 40, transactions = 200;
  LmdbEngine engine({.checkpoint_interval = std::chrono::milliseconds(1), .memory_bytes = std::size_t{64} << 10});
  const auto set_all = [&](unsigned number) {
    return write(engine.kv(), [&](KvTransaction& t) {
      for (unsigned i = 0; i < keys; ++i) put(t, numbered("k", i), std::to_string(number));
    });
  };
  set_all(0);
  std::atomic<bool> done = false, wrong = false;
  std::atomic<unsigned> views = 0;
  const auto look = [&] {
    for (unsigned last = 0; !done;) {
      std::set<std::string> found;
      unsigned count = 0;
      read(engine.kv(), [&](KvReader& r) {
        found.insert(get(r, numbered("k", 0)).value_or("none"));
        for (const auto& [key, value] : scan(r)) found.insert(value), ++count;
        found.insert(get(r, numbered("k", keys - 1)).value_or("none"));
        return true;
      });
      if (found.size() != 1 || count != keys || std::stoul(*found.begin()) < last) wrong = true;
      if (!wrong) last = static_cast<unsigned>(std::stoul(*found.begin()));
      ++views;
    }
  };
  std::thread one(look), other(look);
  for (unsigned number = 1; number <= transactions; ++number) {
    const Lsn lsn = set_all(number);
    if (number % 8 == 0) REQUIRE(engine.kv().wait_durable(lsn).has_value());
  }
  const auto& kv = dynamic_cast<const store::LmdbKv&>(engine.kv());
  const std::uint64_t checkpoints = kv.statistics().checkpoints;
  done = true;
  one.join();
  other.join();
  CHECK_FALSE(wrong);
  CHECK(checkpoints > 3);
  CHECK(views > 10);
}

TEST_CASE("a transaction that must not block does not wait for another", "[lmdb]") {
  LmdbEngine engine;
  KvStore& kv = engine.kv();
  bool ran = false;
  write(kv, [&](KvTransaction& t) {
    put(t, "a", "1");
    std::thread other([&] {
      const auto outcome = kv.transact(
          [&](KvTransaction&) -> Result<void> {
            ran = true;
            return {};
          },
          Blocking::Never);
      CHECK_FALSE(outcome.has_value());
      if (!outcome) CHECK(outcome.error() == Error::WouldBlock);
      // Reading needs no lock.
      CHECK(kv.view([](KvReader& r) -> Result<void> { return get(r, "a") ? fail(Error::Exists) : Result<void>(); },
                    Blocking::Never)
                .has_value());
    });
    other.join();
  });
  CHECK_FALSE(ran);
  CHECK(try_write(kv, Blocking::Never, "b", "1").has_value());
}

TEST_CASE("when too much awaits the disk, writers wait or are told", "[lmdb]") {
  HeldStore store;
  const std::string large(100 << 10, 'x');
  unsigned taken = 0;
  Result<Lsn> last;
  for (; taken < 100; ++taken) {
    last = try_write(store.kv, Blocking::Never, numbered("k", taken), large);
    if (!last) break;
  }
  REQUIRE_FALSE(last.has_value());
  CHECK(last.error() == Error::WouldBlock);
  CHECK(taken > 1);
  CHECK(read_one(store.kv, "k00000001") == large);
  Result<Lsn> waited;
  std::thread waiter([&] { waited = try_write(store.kv, Blocking::Allowed, "waited", "1"); });
  store.release();
  waiter.join();
  REQUIRE(waited.has_value());
  CHECK(store.kv.wait_durable(*waited).has_value());
  CHECK(try_write(store.kv, Blocking::Never, "again", "1").has_value());
}

TEST_CASE("writers wait for a checkpoint when their changes take the memory there is for them", "[lmdb]") {
  HeldStore store(std::size_t{400} << 10);
  unsigned taken = 0;
  while (taken < 1000 && try_write(store.kv, Blocking::Never, numbered("k", taken), "1")) ++taken;
  // Each counts for a quarter of a page more than its bytes.
  CHECK(taken >= 200);
  CHECK(taken <= 300);
  store.release();
  for (unsigned i = 0; i < 1000; ++i) REQUIRE(try_write(store.kv, Blocking::Allowed, numbered("m", i), "1"));
  CHECK(read_one(store.kv, "m00000999") == "1");
}

TEST_CASE("a transaction larger than the journal takes at once is refused", "[lmdb]") {
  LmdbEngine engine;
  const std::string large(5 << 20, 'x');
  CHECK(try_write(engine.kv(), Blocking::Allowed, "large", large).error() == Error::InvalidArgument);
  CHECK(read_one(engine.kv(), "large") == std::nullopt);
}

TEST_CASE("changes share a sync", "[lmdb]") {
  HeldStore store;
  const std::size_t before = syncs();
  store.wait_for_sync(write_one(store.kv, "first", "1"));
  Lsn last = 0;
  for (unsigned i = 0; i < 500; ++i) last = write_one(store.kv, numbered("k", i), "x");
  store.release();
  REQUIRE(store.kv.wait_durable(last).has_value());
  CHECK(syncs() - before == 2);
}

TEST_CASE("a view over what is taken back keeps its state and waits for numbers that are lost", "[lmdb]") {
  HeldStore store;
  fail_syncs(1, EIO);
  const Lsn lost = write_one(store.kv, "durable", "changed");
  store.wait_for_sync(lost);
  const Lsn seen = read(store.kv, [&](KvReader& r) {
    std::thread other([&] {
      store.release();
      CHECK(store.kv.wait_durable(lost).error() == Error::Io);
    });
    other.join();
    CHECK(get(r, "durable") == "changed");
    return r.seen();
  });
  CHECK(seen == lost);
  CHECK(store.kv.wait_durable(seen).error() == Error::Io);
  CHECK(read_one(store.kv, "durable") == "1");
}

TEST_CASE("after a failed sync the store serves what is durable, read-only", "[lmdb]") {
  Listener listener;
  HeldStore store;
  store.kv.set_listener(&listener);
  fail_syncs(1, EIO);
  const Lsn lost = write_one(store.kv, "durable", "changed");
  store.release();
  CHECK(store.kv.wait_durable(lost).error() == Error::Io);
  CHECK(listener.told == std::vector<Lsn>{store.durable});
  CHECK(try_write(store.kv, Blocking::Allowed, "later", "2").error() == Error::ReadOnly);
  CHECK(read_one(store.kv, "durable") == "1");
  CHECK(write(store.kv, [](KvTransaction& t) { CHECK(get(t, "erased") == "1"); }) == 0);
  store.engine.reopen();
  // The disk did take it after all; or it would not have.
  const auto now = read_one(store.engine.kv(), "durable").value();
  CHECK((now == "1" || now == "changed"));
  CHECK(try_write(store.engine.kv(), Blocking::Allowed, "later", "2").has_value());
}

TEST_CASE("a metadata file that is none is refused in words", "[lmdb]") {
  TemporaryFolder folder;
  store::DiskSpace space(folder.path(), system_clock());
  store::MemoryData data;
  const auto opened = store::LmdbKv::open({.metadata_path = folder / "no/where",
                                           .journal_path = folder / "journal",
                                           .space = space,
                                           .data = data,
                                           .log = null_log()});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().find("cannot be opened") != std::string::npos);
}
