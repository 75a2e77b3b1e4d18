// FSINFO (RFC 1813, 3.3.19).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

TEST_CASE("FSINFO tells what READ, WRITE and SETATTR keep to") {
  World world;
  const FSINFO3res result = world.call(&fsinfo, FSINFO3args{world.root()});
  REQUIRE(result.status == NFS3_OK);
  const FSINFO3resok& info = result.resok;
  CHECK(info.obj_attributes.has_value());
  CHECK(info.rtmax == 1 << 20);
  CHECK(info.rtpref == 1 << 20);
  CHECK(info.wtmax == 1 << 20);
  CHECK(info.wtpref == 1 << 20);
  CHECK(info.rtmax % info.rtmult == 0);
  CHECK(info.wtmax % info.wtmult == 0);
  CHECK(info.dtpref <= info.rtmax);
  CHECK(info.maxfilesize == (std::uint64_t{1} << 63) - 1);
  CHECK(info.time_delta == nfstime3{0, 1});
  CHECK(info.properties == (FSF3_LINK | FSF3_SYMLINK | FSF3_HOMOGENEOUS | FSF3_CANSETTIME));

  // A WRITE of wtmax is taken whole, a READ of rtmax given whole.
  const nfs_fh3 file = world.make_file(world.root(), "file", 0644, std::string(info.wtmax, 'x'));
  CHECK(world.contents(file).size() == info.rtmax);
}

TEST_CASE("FSINFO of what is not there") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) { return world.call(&fsinfo, FSINFO3args{handle}).status; });
}
