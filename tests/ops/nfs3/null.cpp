// NULL (RFC 1813, 3.3.0).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::test;

TEST_CASE("NULL answers, and touches nothing") {
  World world;
  world.call(&nfs3::null);
  CHECK(world.rests_on.tokens().empty());
  CHECK(world.pool.total() == 0);
}
