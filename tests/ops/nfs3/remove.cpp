// REMOVE (RFC 1813, 3.3.12).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {
REMOVE3res remove_at(World& world, const nfs_fh3& directory, std::string_view name) {
  return world.call(&nfs3::remove, REMOVE3args{at(directory, name)});
}
}  // namespace

TEST_CASE("REMOVE takes the name away and tells the directory's change") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file", 0644, "hello");
  const fattr3 before = world.attributes(world.root());
  world.clock.advance_seconds(2);
  const REMOVE3res removed = remove_at(world, world.root(), "file");
  REQUIRE(removed.status == NFS3_OK);
  CHECK(removed.resok.dir_wcc.before->mtime == before.mtime);
  CHECK(removed.resok.dir_wcc.after->mtime == time_of(world.clock.now()));
  CHECK(world.look(world.root(), "file") == NFS3ERR_NOENT);
  CHECK(world.call(&getattr, GETATTR3args{file}).status == NFS3ERR_STALE);
}

TEST_CASE("REMOVE of one of two names leaves the other") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "one", 0644, "hello");
  REQUIRE(world.call(&nfs3::link, LINK3args{file, at(world.root(), "two")}).status == NFS3_OK);
  REQUIRE(remove_at(world, world.root(), "one").status == NFS3_OK);
  CHECK(world.attributes(file).nlink == 1);
  CHECK(world.contents(file) == "hello");
}

TEST_CASE("REMOVE of a symbolic link leaves what it points to") {
  World world;
  world.make_file(world.root(), "file");
  world.make_symlink(world.root(), "link", "file");
  CHECK(remove_at(world, world.root(), "link").status == NFS3_OK);
  CHECK(world.look(world.root(), "file") == NFS3_OK);
}

TEST_CASE("REMOVE of a directory") {
  World world;
  world.make_directory(world.root(), "directory");
  const REMOVE3res refused = remove_at(world, world.root(), "directory");
  CHECK(refused.status == NFS3ERR_ISDIR);
  CHECK(refused.resfail.dir_wcc.after.has_value());
  CHECK(world.look(world.root(), "directory") == NFS3_OK);
}

TEST_CASE("REMOVE of what is not there") {
  World world;
  const REMOVE3res refused = remove_at(world, world.root(), "missing");
  CHECK(refused.status == NFS3ERR_NOENT);
  CHECK_FALSE(refused.resfail.dir_wcc.before.has_value());
  CHECK(refused.resfail.dir_wcc.after.has_value());
}

TEST_CASE("REMOVE from a sticky directory is the owner's") {
  World world;
  const nfs_fh3 tmp = world.make_directory(world.root(), "tmp", 01777);
  world.become(1000, 1000);
  world.make_file(tmp, "mine", 0666);
  world.become(2000, 2000);
  CHECK(remove_at(world, tmp, "mine").status == NFS3ERR_PERM);
  world.become(1000, 1000);
  CHECK(remove_at(world, tmp, "mine").status == NFS3_OK);
}

TEST_CASE("REMOVE refused: . and .., permission, type, read-only share, names, filehandles") {
  World world;
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0755);
  const nfs_fh3 file = world.make_file(closed, "file");
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  CHECK(remove_at(world, closed, ".").status == NFS3ERR_ACCES);
  CHECK(remove_at(world, closed, "..").status == NFS3ERR_ACCES);
  CHECK(remove_at(world, world.through("ro", closed), "file").status == NFS3ERR_ROFS);
  CHECK(remove_at(world, file, "name").status == NFS3ERR_NOTDIR);
  check_bad_names([&](std::string_view name) { return remove_at(world, world.root(), name).status; });
  check_bad_handles(world, [&](const nfs_fh3& handle) { return remove_at(world, handle, "name").status; });
  world.become(1000, 1000);
  CHECK(remove_at(world, closed, "file").status == NFS3ERR_ACCES);
  CHECK(world.look(closed, "file") == NFS3_OK);
}
