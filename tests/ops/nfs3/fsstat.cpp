// FSSTAT (RFC 1813, 3.3.18).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

TEST_CASE("FSSTAT tells the store's space") {
  World world;
  const FSSTAT3res result = world.call(&fsstat, FSSTAT3args{world.root()});
  REQUIRE(result.status == NFS3_OK);
  CHECK(result.resok.obj_attributes.has_value());
  const auto space = world.stores->data.space();
  REQUIRE(space);
  CHECK(result.resok.tbytes == space->total_bytes);
  CHECK(result.resok.fbytes == space->free_bytes);
  CHECK(result.resok.abytes == space->available_bytes);
  CHECK(result.resok.abytes <= result.resok.fbytes);
  CHECK(result.resok.fbytes <= result.resok.tbytes);
  CHECK(result.resok.ffiles <= result.resok.tfiles);
  CHECK(result.resok.ffiles > 0);
  CHECK(result.resok.invarsec == 0);
}

TEST_CASE("FSSTAT of what is not there") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) { return world.call(&fsstat, FSSTAT3args{handle}).status; });
}
