// The whole store under power_cut: after a cut at any sync it opens, and what it said was durable is there.
#include <algorithm>
#include <array>
#include <atomic>
#include <optional>

#include "store/data_engines.hpp"
#include "store/kv_engines.hpp"
#include "store/power_files.hpp"
#include "store/store.hpp"
#include "support/seeded_random.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::uint64_t seeds = 100;
constexpr unsigned steps = 200;
constexpr std::size_t block_bytes = 3000;

std::unique_ptr<store::Store> open_store(const std::string& path) {
  auto opened = store::open_local_store(path, null_log(), {.program = "test", .journal_bytes = 8 << 20});
  if (!opened) throw std::runtime_error(opened.error().message);
  return std::move(*opened);
}

/// What must be there.
struct Promised {
  unsigned changes = 0;           // the step of the last durable change
  std::array<char, 8> written{};  // of each object what was written before its last sync, or 0
};

/// Changes and writes, some made durable, until the power is cut.
Promised work(store::Store& store, const std::atomic<bool>& cut, SeededRandom& random) {
  Promised promised;
  for (unsigned step = 1; step <= steps && !cut; ++step) {
    const bool waits = random.below(4) == 0;
    if (step % 2 == 0) {
      const auto lsn = store.kv.transact(
          [&](KvTransaction& t) -> Result<void> {
            put(t, "last", std::to_string(step));
            put(t, numbered("k", step), std::string(step * 7, 'v'));
            return {};
          },
          Blocking::Allowed);
      if (waits && lsn && store.kv.wait_durable(*lsn) && !cut) promised.changes = step;
    } else {
      const unsigned object = step / 2 % promised.written.size();
      const char with = static_cast<char>('a' + step / 16);  // later is greater
      const auto wrote = store.data.write(object, 0, chain_of(std::string(block_bytes, with)), Blocking::Allowed);
      if (waits && wrote && store.data.sync(object) && !cut) promised.written[object] = with;
    }
  }
  return promised;
}

void check(store::Store& store, const Promised& promised) {
  const auto last = read_one(store.kv, "last");
  const unsigned changes = last ? static_cast<unsigned>(std::stoul(*last)) : 0;
  CHECK(changes >= promised.changes);
  for (unsigned step = 2; step <= changes; step += 2) {
    if (read_one(store.kv, numbered("k", step)) != std::string(step * 7, 'v')) FAIL("lost: step " << step);
  }
  for (unsigned object = 0; object < promised.written.size(); ++object) {
    if (promised.written[object] == 0) continue;
    const std::string found = read(store.data, object, 0, 2 * block_bytes);
    CHECK(found.size() == block_bytes);
    CHECK(*std::ranges::min_element(found) >= promised.written[object]);
  }
}

}  // namespace

TEST_CASE("after a power cut the store opens and has what it promised", "[power]") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    SeededRandom random(seed);
    const TemporaryFolder folder(fast_disk());
    std::filesystem::create_directory(folder / "root");
    std::optional<Moment> moment;
    Promised promised;
    {
      WatchedFolder watched(folder / "root");
      std::atomic<bool> cut = false;
      auto store = open_store(folder / "root/store");
      const std::size_t chosen = watched.sync_points() + 1 + random.below(80);
      const bool done = random.below(2) == 0;
      watched.on_sync([&](const SyncPoint& point) {
        if (point.number != chosen || point.done != done) return;
        cut = true;  // first of all: what is promised while the moment is taken may be kept only after it
        moment = watched.cut();
      });
      promised = work(*store, cut, random);
      store.reset();
      if (!cut) moment = watched.cut();
    }
    moment->build_image(folder / "image", seed);
    // Watched again, which spares it the allocation of real blocks.
    const WatchedFolder watched(folder / "image");
    check(*open_store(folder / "image/store"), promised);
  }
}
