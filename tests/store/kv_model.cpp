// Random transactions, views, waits and reopenings of every KvStore, compared with std::map at every step.
#include "store/kv_walk.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

template <class Engine>
void walk_with(unsigned seed, unsigned steps) {
  Engine engine;
  Model model;
  Walk walk(seed);
  Lsn last = 0;
  bool agreed = true;
  for (unsigned i = 0; i < steps && agreed; ++i) {
    agreed = step(engine.kv(), model, walk, last);
    if (walk.below(3) == 0) {
      agreed = agreed && read(engine.kv(), [&](KvReader& reader) { return agrees(reader, model, walk); });
    }
    if (walk.below(20) == 0) agreed = agreed && engine.kv().wait_durable(last).has_value();
    if constexpr (Engine::survives_close) {
      if (walk.below(150) == 0) engine.reopen();
    }
  }
  INFO("seed " << seed);
  CHECK(agreed);
  CHECK(read(engine.kv(), [](KvReader& reader) { return scan(reader); }) == Pairs(model.begin(), model.end()));
}

}  // namespace

TEMPLATE_TEST_CASE("a store behaves like a map", "[kv]", MemoryEngine, LmdbEngine) {
  for (unsigned seed = 1; seed <= 4; ++seed) walk_with<TestType>(seed, 700);
}
