// READLINK (RFC 1813, 3.3.5).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

TEST_CASE("READLINK gives the path as it was made, with attributes") {
  World world;
  for (const std::string& target :
       {std::string("a"), std::string("../x//y/."), std::string("\xff bytes"), std::string(4095, 'p')}) {
    const nfs_fh3 link = world.make_symlink(world.root(), "link", target);
    const READLINK3res result = world.call(&nfs3::readlink, READLINK3args{link});
    REQUIRE(result.status == NFS3_OK);
    CHECK(result.resok.data.view() == target);
    REQUIRE(result.resok.symlink_attributes.has_value());
    CHECK(result.resok.symlink_attributes->size == target.size());
    world.remove(world.root(), "link");
  }
}

TEST_CASE("READLINK needs no permission on the link") {
  World world;
  const nfs_fh3 link = world.make_symlink(world.root(), "link", "target");
  world.become(1000, 1000);
  CHECK(world.call(&nfs3::readlink, READLINK3args{link}).status == NFS3_OK);
}

TEST_CASE("READLINK of anything else is INVAL, with attributes") {
  World world;
  const READLINK3res file = world.call(&nfs3::readlink, READLINK3args{world.make_file(world.root(), "file")});
  CHECK(file.status == NFS3ERR_INVAL);
  CHECK(file.resfail.symlink_attributes->type == ftype3::NF3REG);
  CHECK(world.call(&nfs3::readlink, READLINK3args{world.root()}).status == NFS3ERR_INVAL);
}

TEST_CASE("READLINK of what is not there") {
  World world;
  check_bad_handles(world,
                    [&](const nfs_fh3& handle) { return world.call(&nfs3::readlink, READLINK3args{handle}).status; });
}
