// SETATTR (RFC 1813, 3.3.2).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

SETATTR3args mode_of(const nfs_fh3& object, std::uint32_t mode) {
  SETATTR3args args{.object = object, .new_attributes = {}, .guard = {}};
  args.new_attributes.mode = mode;
  return args;
}

SETATTR3args size_of(const nfs_fh3& object, std::uint64_t size) {
  SETATTR3args args{.object = object, .new_attributes = {}, .guard = {}};
  args.new_attributes.size = size;
  return args;
}

}  // namespace

TEST_CASE("SETATTR changes the mode and tells both ends of the change") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0600, "hello");
  const fattr3 before = world.attributes(file);
  world.clock.advance_seconds(5);
  const SETATTR3res result = world.call(&setattr, mode_of(file, 0640));
  REQUIRE(result.status == NFS3_OK);
  const wcc_data& wcc = result.resok.obj_wcc;
  REQUIRE(wcc.before.has_value());
  CHECK(wcc.before->size == 5);
  CHECK(wcc.before->mtime == before.mtime);
  CHECK(wcc.before->ctime == before.ctime);
  REQUIRE(wcc.after.has_value());
  CHECK(wcc.after->mode == 0640);
  CHECK(wcc.after->mtime == before.mtime);
  CHECK(wcc.after->ctime == time_of(world.clock.now()));
  CHECK(world.attributes(file).mode == 0640);
}

TEST_CASE("SETATTR sets times to the client's and to the server's clock") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  world.clock.advance_seconds(5);
  SETATTR3args args{.object = file, .new_attributes = {}, .guard = {}};
  args.new_attributes.atime = {time_how::SET_TO_CLIENT_TIME, {1'000'000'000, 123'456'789}};
  args.new_attributes.mtime = {time_how::SET_TO_SERVER_TIME, {}};
  REQUIRE(world.call(&setattr, args).status == NFS3_OK);
  CHECK(world.attributes(file).atime == nfstime3{1'000'000'000, 123'456'789});
  CHECK(world.attributes(file).mtime == time_of(world.clock.now()));

  args.new_attributes.atime.atime.nseconds = 1'000'000'000;
  const SETATTR3res refused = world.call(&setattr, args);
  CHECK(refused.status == NFS3ERR_INVAL);
  CHECK(refused.resfail.obj_wcc.after.has_value());
}

TEST_CASE("SETATTR truncates and extends") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0644, "hello world");
  CHECK(world.call(&setattr, size_of(file, 5)).status == NFS3_OK);
  CHECK(world.contents(file) == "hello");
  const SETATTR3res extended = world.call(&setattr, size_of(file, 8));
  CHECK(extended.resok.obj_wcc.before->size == 5);
  CHECK(extended.resok.obj_wcc.after->size == 8);
  CHECK(world.contents(file) == std::string("hello\0\0\0", 8));
}

TEST_CASE("SETATTR knows the largest file") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  CHECK(world.call(&setattr, size_of(file, std::uint64_t{1} << 63)).status == NFS3ERR_FBIG);
  CHECK(world.call(&setattr, size_of(file, ~std::uint64_t{0})).status == NFS3ERR_FBIG);
  CHECK(world.attributes(file).size == 0);
  CHECK(world.call(&setattr, size_of(file, (std::uint64_t{1} << 63) - 1)).status == NFS3_OK);
  CHECK(world.attributes(file).size == (std::uint64_t{1} << 63) - 1);
}

TEST_CASE("SETATTR of a size is for regular files") {
  World world;
  CHECK(world.call(&setattr, size_of(world.root(), 0)).status == NFS3ERR_ISDIR);
  CHECK(world.call(&setattr, size_of(world.make_symlink(world.root(), "l", "x"), 0)).status == NFS3ERR_INVAL);
}

TEST_CASE("SETATTR with a guard applies only to the state that the client knows") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0600);
  SETATTR3args args = mode_of(file, 0644);
  args.guard = world.attributes(file).ctime;
  world.clock.advance_ns(1);
  CHECK(world.call(&setattr, args).status == NFS3_OK);
  world.clock.advance_ns(1);
  args.new_attributes.mode = 0666;
  const SETATTR3res late = world.call(&setattr, args);
  CHECK(late.status == NFS3ERR_NOT_SYNC);
  REQUIRE(late.resfail.obj_wcc.after.has_value());
  CHECK(late.resfail.obj_wcc.after->mode == 0644);
  CHECK(world.attributes(file).mode == 0644);
}

TEST_CASE("SETATTR is the owner's; giving away is root's") {
  World world;
  world.become(1000, 100);
  const nfs_fh3 file = world.make_file(world.root(), "file", 0666);
  SETATTR3args give{.object = file, .new_attributes = {}, .guard = {}};
  give.new_attributes.uid = 1001;
  CHECK(world.call(&setattr, give).status == NFS3ERR_PERM);
  world.become(1001, 100);
  CHECK(world.call(&setattr, mode_of(file, 0600)).status == NFS3ERR_PERM);
  CHECK(world.call(&setattr, size_of(file, 3)).status == NFS3_OK);  // may write
  world.become(0, 0);
  CHECK(world.call(&setattr, give).status == NFS3_OK);
  CHECK(world.attributes(file).uid == 1001);

  world.become(1001, 100);
  REQUIRE(world.call(&setattr, mode_of(file, 0600)).status == NFS3_OK);
  world.become(1000, 100);
  const SETATTR3res refused = world.call(&setattr, size_of(file, 0));
  CHECK(refused.status == NFS3ERR_ACCES);
  CHECK(refused.resfail.obj_wcc.after->size == 3);
}

TEST_CASE("SETATTR leaves owners of -1") {
  World world;
  world.become(1000, 100);
  const nfs_fh3 file = world.make_file(world.root(), "file");
  SETATTR3args args{.object = file, .new_attributes = {}, .guard = {}};
  args.new_attributes.uid = 0xffffffff;
  args.new_attributes.gid = 0xffffffff;
  CHECK(world.call(&setattr, args).status == NFS3_OK);
  CHECK(world.attributes(file).uid == 1000);
  CHECK(world.attributes(file).gid == 100);
}

TEST_CASE("SETATTR on a read-only share") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0600);
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  const SETATTR3res refused = world.call(&setattr, mode_of(world.through("ro", file), 0666));
  CHECK(refused.status == NFS3ERR_ROFS);
  REQUIRE(refused.resfail.obj_wcc.after.has_value());
  CHECK(refused.resfail.obj_wcc.after->mode == 0600);
}

TEST_CASE("SETATTR of what is not there") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) { return world.call(&setattr, mode_of(handle, 0600)).status; });
}
