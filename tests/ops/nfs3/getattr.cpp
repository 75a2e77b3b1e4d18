// GETATTR (RFC 1813, 3.3.1).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

TEST_CASE("GETATTR tells what a new file is") {
  World world;
  world.become(1000, 100);
  const nfs_fh3 file = world.make_file(world.root(), "file", 0640, "hello");
  const fattr3 told = world.attributes(file);
  CHECK(told.type == ftype3::NF3REG);
  CHECK(told.mode == 0640);
  CHECK(told.nlink == 1);
  CHECK(told.uid == 1000);
  CHECK(told.gid == 100);
  CHECK(told.size == 5);
  CHECK(told.mtime == time_of(world.clock.now()));
  CHECK(told.ctime == time_of(world.clock.now()));
  CHECK(told.fileid != 0);
}

TEST_CASE("GETATTR of a directory and a symbolic link") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "directory", 0711);
  world.make_directory(directory, "below");
  CHECK(world.attributes(directory).type == ftype3::NF3DIR);
  CHECK(world.attributes(directory).mode == 0711);
  CHECK(world.attributes(directory).nlink == 3);
  const nfs_fh3 link = world.make_symlink(world.root(), "link", "to/somewhere");
  CHECK(world.attributes(link).type == ftype3::NF3LNK);
  CHECK(world.attributes(link).size == 12);
}

TEST_CASE("GETATTR needs no permission") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0000);
  world.become(1000, 1000);
  CHECK(world.attributes(file).mode == 0);
}

TEST_CASE("GETATTR of what is not there") {
  World world;
  check_bad_handles(world, [&](const nfs_fh3& handle) { return world.call(&getattr, GETATTR3args{handle}).status; });
}
