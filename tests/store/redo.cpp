// The rules that keep contents which a start writes again and contents that are written in place from hurting each
// other, one by one and at their moment. power_store.cpp has all of them at once, by seed.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "store/data/local/object_folders.hpp"
#include "store/data_engines.hpp"
#include "store/kv_engines.hpp"
#include "store/store.hpp"
#include "support/power_cut/machine.hpp"
#include "support/power_cut/sync_gate.hpp"

using namespace ditto;
using namespace ditto::test;
using namespace std::chrono_literals;

namespace {

constexpr ObjectId object = 7;
constexpr Lsn all_changes = UINT64_MAX;
constexpr std::chrono::milliseconds never{3'600'000};

/// A store with an object that holds `old old`, durably, on a machine that keeps nothing that was not synced.
class Stored {
 public:
  Stored() {
    start(never);
    write_in_place(0, "old old");
    sync();
    commit([](KvTransaction& t) { put(t, "object", "there"); });
  }

  void start(std::chrono::milliseconds checkpoint_interval) {
    auto opened = store::open_local_store(machine.path() + "/store", null_log(),
                                          {.map_bytes = std::size_t{64} << 20,
                                           .journal_bytes = std::size_t{1} << 20,
                                           .flush_interval = never,
                                           .checkpoint_interval = checkpoint_interval});
    if (!opened) FAIL(opened.error().message);
    store_ = std::move(*opened);
  }
  void cut_and_start() {
    machine.cut_now();
    restart();
  }
  void kill_and_start() {
    machine.kill();
    restart();
  }
  /// With what `machine` has left of it: after a power cut what was synced, else everything.
  void restart(std::chrono::milliseconds checkpoint_interval = never) {
    store_.reset();
    machine.restart(1, {Unsynced::Nothing, Names::SyncedFolder, false});
    start(checkpoint_interval);
  }

  /// Returns once it is durable.
  template <class Body>
  void commit(Body body) {
    const Lsn lsn = transact(body);
    REQUIRE(kv().wait_durable(lsn).has_value());
  }
  template <class Body>
  Lsn transact(Body body) {
    const auto lsn = kv().transact(
        [&](KvTransaction& t) -> Result<void> {
          body(t);
          return {};
        },
        Blocking::Allowed);
    REQUIRE(lsn.has_value());
    return *lsn;
  }
  void carry(std::uint64_t offset, std::string_view text) {
    write_in_place(offset, text);
    commit([&](KvTransaction& t) {
      put(t, "size", "grown");
      t.put_contents(object, offset, chain_of(text));
    });
  }
  void write_in_place(std::uint64_t offset, std::string_view text) { write(data(), object, offset, text); }
  void sync() { REQUIRE(data().sync(object).has_value()); }
  std::string contents() { return read(data(), object, 0, 100); }

  store::KvStore& kv() { return store_->kv; }
  store::DataStore& data() { return store_->data; }
  store::KvStatistics statistics() { return dynamic_cast<store::LmdbKv&>(kv()).statistics(); }

  Machine machine;

 private:
  std::unique_ptr<store::Store> store_;
};

}  // namespace

TEST_CASE("contents that travelled are written to their object again, by every start that needs it", "[redo]") {
  Stored stored;
  stored.carry(4, "new");
  stored.cut_and_start();
  CHECK(stored.contents() == "old new");
  CHECK(stored.statistics().replayed_contents == 1);
  // What a start writes is no more durable than what was there before it.
  CHECK(stored.kv().contents_pending(object) != 0);
  stored.cut_and_start();
  CHECK(stored.contents() == "old new");
  CHECK(stored.statistics().replayed_contents == 1);
}

TEST_CASE("contents that travelled are not written again over what came after a sync of their object", "[redo]") {
  Stored stored;
  stored.carry(0, "travels");
  const Lsn carried = stored.kv().contents_pending(object);
  CHECK(carried != 0);
  stored.sync();
  stored.commit([&](KvTransaction& t) { t.contents_synced(object, carried); });
  CHECK(stored.kv().contents_pending(object) == 0);
  stored.write_in_place(0, "between");
  stored.sync();
  const bool by_a_kill = GENERATE(false, true);
  by_a_kill ? stored.kill_and_start() : stored.cut_and_start();
  CHECK(stored.contents() == "between");
  CHECK(stored.statistics().skipped_contents == 1);
  CHECK(stored.statistics().replayed_contents == 0);
  CHECK(stored.kv().contents_pending(object) == 0);
}

TEST_CASE("what travels after the sync is written again, and nothing of before", "[redo]") {
  Stored stored;
  stored.carry(0, "before.");
  const Lsn carried = stored.kv().contents_pending(object);
  stored.sync();
  stored.commit([&](KvTransaction& t) { t.contents_synced(object, carried); });
  stored.write_in_place(0, "between");
  stored.sync();
  stored.carry(4, "end");
  stored.cut_and_start();
  CHECK(stored.contents() == "betwend");
  CHECK(stored.statistics().skipped_contents == 1);
  CHECK(stored.statistics().replayed_contents == 1);
}

TEST_CASE("an object that is gone does not come back", "[redo]") {
  Stored stored;
  stored.carry(0, "gone");
  stored.commit([](KvTransaction& t) {
    t.erase(bytes_of("object"));
    t.contents_synced(object, all_changes);
  });
  REQUIRE(stored.data().remove(object).has_value());
  stored.kill_and_start();
  CHECK(stored.contents().empty());
  CHECK(stored.statistics().skipped_contents == 1);
  CHECK(stored.statistics().replayed_contents == 0);
}

TEST_CASE("a checkpoint syncs what travelled into its object, and until then the journal keeps it", "[redo]") {
  Stored stored;
  stored.restart(1ms);
  std::optional<HeldSyncs> held(store::local::object_path(object));
  stored.carry(4, "new");
  held->wait_for(1);
  CHECK(stored.statistics().checkpoints == 0);
  SECTION("the power goes meanwhile") {
    stored.machine.cut_now();
    held.reset();
    stored.restart();
    CHECK(stored.statistics().replayed_contents == 1);
  }
  SECTION("the power goes later") {
    held.reset();
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (stored.statistics().checkpoints == 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(1ms);
    }
    CHECK(stored.statistics().checkpoints > 0);
    stored.cut_and_start();
    CHECK(stored.statistics().replayed_contents == 0);
  }
  CHECK(stored.contents() == "old new");
}

TEST_CASE("a new object's name is durable when its sync returns, whoever made it", "[redo]") {
  Stored stored;
  const ObjectId fresh = 300;
  write(stored.data(), fresh, 0, "fresh");
  if (GENERATE(false, true)) stored.kill_and_start();
  REQUIRE(stored.data().sync(fresh).has_value());
  stored.cut_and_start();
  CHECK(read(stored.data(), fresh, 0, 100) == "fresh");
}
