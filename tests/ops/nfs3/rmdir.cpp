// RMDIR (RFC 1813, 3.3.13).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {
RMDIR3res remove_at(World& world, const nfs_fh3& directory, std::string_view name) {
  return world.call(&nfs3::rmdir, RMDIR3args{at(directory, name)});
}
}  // namespace

TEST_CASE("RMDIR takes an empty directory away and tells the parent's change") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "directory");
  const std::uint32_t links = world.attributes(world.root()).nlink;
  const RMDIR3res removed = remove_at(world, world.root(), "directory");
  REQUIRE(removed.status == NFS3_OK);
  CHECK(removed.resok.dir_wcc.before.has_value());
  CHECK(removed.resok.dir_wcc.after->nlink == links - 1);
  CHECK(world.call(&getattr, GETATTR3args{directory}).status == NFS3ERR_STALE);
}

TEST_CASE("RMDIR of a directory with entries") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "directory");
  world.make_file(directory, "file");
  const RMDIR3res refused = remove_at(world, world.root(), "directory");
  CHECK(refused.status == NFS3ERR_NOTEMPTY);
  CHECK(refused.resfail.dir_wcc.after.has_value());
  world.remove(directory, "file");
  CHECK(remove_at(world, world.root(), "directory").status == NFS3_OK);
}

TEST_CASE("RMDIR of what is no directory, or not there") {
  World world;
  world.make_file(world.root(), "file");
  world.make_symlink(world.root(), "link", ".");
  CHECK(remove_at(world, world.root(), "file").status == NFS3ERR_NOTDIR);
  CHECK(remove_at(world, world.root(), "link").status == NFS3ERR_NOTDIR);
  CHECK(remove_at(world, world.root(), "missing").status == NFS3ERR_NOENT);
}

TEST_CASE("RMDIR of . is INVAL, of .. EXIST") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "directory");
  CHECK(remove_at(world, directory, ".").status == NFS3ERR_INVAL);
  CHECK(remove_at(world, directory, "..").status == NFS3ERR_EXIST);
}

TEST_CASE("RMDIR refused: permission, type, read-only share, names, filehandles") {
  World world;
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0755);
  world.make_directory(closed, "below");
  const nfs_fh3 file = world.make_file(world.root(), "file");
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  CHECK(remove_at(world, world.through("ro", closed), "below").status == NFS3ERR_ROFS);
  CHECK(remove_at(world, file, "name").status == NFS3ERR_NOTDIR);
  check_bad_names([&](std::string_view name) { return remove_at(world, world.root(), name).status; });
  check_bad_handles(world, [&](const nfs_fh3& handle) { return remove_at(world, handle, "name").status; });
  world.become(1000, 1000);
  CHECK(remove_at(world, closed, "below").status == NFS3ERR_ACCES);
}
