// LINK (RFC 1813, 3.3.15).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {
LINK3res link_to(World& world, const nfs_fh3& file, const nfs_fh3& directory, std::string_view name) {
  return world.call(&nfs3::link, LINK3args{file, at(directory, name)});
}
}  // namespace

TEST_CASE("LINK gives a file a second name, its attributes and the directory's change told") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "directory");
  const nfs_fh3 file = world.make_file(world.root(), "one", 0644, "hello");
  world.clock.advance_seconds(2);
  const LINK3res linked = link_to(world, file, directory, "two");
  REQUIRE(linked.status == NFS3_OK);
  CHECK(linked.resok.file_attributes->nlink == 2);
  CHECK(linked.resok.file_attributes->ctime == time_of(world.clock.now()));
  CHECK(linked.resok.linkdir_wcc.before.has_value());
  CHECK(linked.resok.linkdir_wcc.after->mtime == time_of(world.clock.now()));
  CHECK(same(world.call(&lookup, LOOKUP3args{at(directory, "two")}).resok.object, file));
  world.remove(world.root(), "one");
  CHECK(world.contents(file) == "hello");
}

TEST_CASE("LINK of a symbolic link links the link") {
  World world;
  const nfs_fh3 link = world.make_symlink(world.root(), "one", "target");
  CHECK(link_to(world, link, world.root(), "two").status == NFS3_OK);
  CHECK(world.attributes(link).nlink == 2);
}

TEST_CASE("LINK of a directory") {
  World world;
  const nfs_fh3 directory = world.make_directory(world.root(), "directory");
  const LINK3res refused = link_to(world, directory, world.root(), "new");
  CHECK(refused.status == NFS3ERR_PERM);
  CHECK(refused.resfail.file_attributes->type == ftype3::NF3DIR);
  CHECK_FALSE(refused.resfail.linkdir_wcc.before.has_value());
  CHECK(refused.resfail.linkdir_wcc.after.has_value());
}

TEST_CASE("LINK to a name that is there, . and ..") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  for (const char* name : {"file", ".", ".."}) CHECK(link_to(world, file, world.root(), name).status == NFS3ERR_EXIST);
  CHECK(world.attributes(file).nlink == 1);
}

TEST_CASE("LINK between shares and between stores is XDEV, after both filehandles are known good") {
  World world;
  world.add_share(12, "again", {.squash = gate::Squash::None});
  world.add_other_store(13, "other");
  const nfs_fh3 file = world.make_file(world.root(), "file");
  for (const char* share : {"again", "other"}) {
    const LINK3res refused = link_to(world, file, world.root(share), "new");
    CHECK(refused.status == NFS3ERR_XDEV);
    CHECK(refused.resfail.file_attributes.has_value());
    CHECK(refused.resfail.linkdir_wcc.after.has_value());
  }
  check_bad_handles(world, [&](const nfs_fh3& handle) { return link_to(world, handle, world.root(), "new").status; });
  check_bad_handles(world, [&](const nfs_fh3& handle) { return link_to(world, file, handle, "new").status; });
}

TEST_CASE("LINK refused: permission, type, read-only share, names") {
  World world;
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0755);
  const nfs_fh3 file = world.make_file(world.root(), "file", 0666);
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  CHECK(link_to(world, world.through("ro", file), world.root("ro"), "new").status == NFS3ERR_ROFS);
  CHECK(link_to(world, file, file, "new").status == NFS3ERR_NOTDIR);
  check_bad_names([&](std::string_view name) { return link_to(world, file, world.root(), name).status; });
  world.become(1000, 1000);
  CHECK(link_to(world, file, closed, "new").status == NFS3ERR_ACCES);
}
