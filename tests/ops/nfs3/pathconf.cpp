// PATHCONF (RFC 1813, 3.3.20).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

TEST_CASE("PATHCONF tells what names and links keep to") {
  World world;
  const PATHCONF3res result = world.call(&nfs3::pathconf, PATHCONF3args{world.root()});
  REQUIRE(result.status == NFS3_OK);
  CHECK(result.resok.obj_attributes.has_value());
  CHECK(result.resok.linkmax == world.fs->limits().link_max);
  CHECK(result.resok.name_max == 255);
  CHECK(result.resok.no_trunc);
  CHECK(result.resok.chown_restricted);
  CHECK_FALSE(result.resok.case_insensitive);
  CHECK(result.resok.case_preserving);
  // A name of name_max bytes is taken, a longer one is refused and not cut.
  world.make_file(world.root(), std::string(result.resok.name_max, 'n'));
  CHECK(world.look(world.root(), std::string(result.resok.name_max + 1, 'n')) == NFS3ERR_NAMETOOLONG);
}

TEST_CASE("PATHCONF of what is not there") {
  World world;
  check_bad_handles(world,
                    [&](const nfs_fh3& handle) { return world.call(&nfs3::pathconf, PATHCONF3args{handle}).status; });
}
