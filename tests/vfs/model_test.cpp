// Random operations beside a model of a POSIX tree: with restarts in between, and with the power going at any moment.
#include <deque>

#include "model.hpp"
#include "power.hpp"

namespace ditto::test {

TEST_CASE("random operations are answered as a POSIX tree would, over restarts") {
  const Engine engine = GENERATE(Engine::Memory, Engine::Local);
  const std::uint64_t seed = GENERATE(1, 2, 3, 4);
  INFO("seed " << seed);
  Tree tree(engine, {.nodes_in_memory = seed % 2 ? 65536u : 64u,
                     .verify_reads = seed != 4,
                     .quiet_time = std::chrono::seconds(seed == 1 ? 30 : 0),
                     .name_hash_mask = seed == 3 ? 3 : ~std::uint64_t{0}});
  Walk walk(tree, seed);
  const int steps = engine == Engine::Memory ? 4000 : 1500;
  for (int i = 1; i <= steps; ++i) {
    walk.step();
    if (i % 97 == 0) tree.maintain();
    if (i % 500 == 0) walk.compare(walk.model);
    if (i % 700 == 0) tree.check_clean();
    if (i % 900 == 0) {
      tree.reopen();
      walk.compare(walk.model);
    }
  }
  tree.maintain();
  tree.check_clean();
  CHECK(walk.streams_made > 20);
  CHECK(walk.model.streams_gone > 0);
}

namespace {

// Every other walk verifies what it wrote at once, so that whatever happens happens to files with checksums.
vfs::DittoFsOptions options_of(std::uint64_t seed) {
  return {.verify_reads = seed % 2 == 0, .quiet_time = std::chrono::seconds(seed % 2 ? 30 : 0)};
}

struct Moment {
  Lsn token;  // what everything up to here rests on
  Model model;
};

// The power goes with everything up to `durable` on the disk.
void crash(Tree& tree, PowerStores& stores, Lsn durable, SeededRandom& random) {
  stores.power_kv.sync_to(durable);
  stores.power_kv.failing = Error::Io;
  tree.fs.reset();
  stores.power_kv.take_back(Error::Io);
  stores.power_data.cut_power(random);
  stores.power_kv.failing.reset();
}

}  // namespace

TEST_CASE("whatever was durable when the power went is there, nothing half-done is, and the store is sound") {
  const std::uint64_t seed = GENERATE(11, 12, 13, 14, 15, 16);
  INFO("seed " << seed);
  auto owned = std::make_unique<PowerStores>();
  PowerStores& stores = *owned;
  Tree tree(std::move(owned), options_of(seed));
  stores.power_kv.holding = true;
  SeededRandom random(seed);
  Walk walk(tree, seed);
  int crashes = 0;
  for (int round = 0; round < 40; ++round) {
    std::deque<Moment> moments;
    Lsn token = stores.power_kv.durable();
    moments.push_back({token, walk.model});
    const std::uint64_t steps = 1 + random.below(60);
    for (std::uint64_t i = 0; i < steps; ++i) {
      token = std::max(token, walk.step());
      moments.push_back({token, walk.model});
      if (random.below(20) == 0) tree.maintain();
      if (random.below(10) == 0) stores.power_kv.sync_to(stores.power_kv.durable() + random.below(10));
    }
    const Lsn first = stores.power_kv.durable(), last = stores.power_kv.last();
    const Lsn durable = first + random.below(last - first + 1);
    crash(tree, stores, durable, random);
    ++crashes;
    tree.reopen();
    vfs::CheckSummary summary;
    for (const std::string& line : tree.problems(false, &summary)) UNSCOPED_INFO(line);
    REQUIRE(summary.problems == 0);
    std::size_t at = moments.size() - 1;
    while (moments[at].token > durable) --at;
    walk.compare(moments[at].model, &moments.back().model, true);
    walk.adopt(moments[at].model);
    tree.maintain();
    tree.problems(true, &summary);
    REQUIRE(summary.problems == 0);
  }
  CHECK(crashes == 40);
  CHECK(walk.streams_made > 20);
  CHECK(walk.model.streams_gone > 0);
  stores.power_kv.holding = false;
  tree.maintain();
  tree.check_clean();
}

TEST_CASE("whatever a full disk takes back at any moment, the rest stays as it was answered") {
  const std::uint64_t seed = GENERATE(21, 22, 23, 24);
  INFO("seed " << seed);
  auto owned = std::make_unique<PowerStores>();
  PowerStores& stores = *owned;
  Tree tree(std::move(owned), options_of(seed));
  stores.power_kv.holding = true;
  SeededRandom random(seed);
  Walk walk(tree, seed);
  for (int round = 0; round < 60; ++round) {
    std::deque<Moment> moments;
    Lsn token = stores.power_kv.durable();
    moments.push_back({token, walk.model});
    const std::uint64_t steps = 1 + random.below(40);
    for (std::uint64_t i = 0; i < steps; ++i) {
      token = std::max(token, walk.step());
      moments.push_back({token, walk.model});
      if (random.below(20) == 0) tree.maintain();
    }
    const Lsn first = stores.power_kv.durable(), last = stores.power_kv.last();
    const Lsn durable = first + random.below(last - first + 1);
    stores.power_kv.sync_to(durable);
    stores.power_kv.take_back(Error::NoSpace);
    std::size_t at = moments.size() - 1;
    while (moments[at].token > durable) --at;
    walk.compare(moments[at].model, &moments.back().model);
    walk.adopt(moments[at].model);
    if (round % 10 == 0) {
      vfs::CheckSummary summary;
      for (const std::string& line : tree.problems(true, &summary)) UNSCOPED_INFO(line);
      REQUIRE(summary.problems == 0);
    }
  }
  stores.power_kv.holding = false;
  tree.maintain();
  tree.problems(true);
  tree.check_clean();
}

}  // namespace ditto::test
