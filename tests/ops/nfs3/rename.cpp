// RENAME (RFC 1813, 3.3.14).
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {
RENAME3res move(World& world, const nfs_fh3& from, std::string_view name, const nfs_fh3& to, std::string_view to_name) {
  return world.call(&nfs3::rename, RENAME3args{at(from, name), at(to, to_name)});
}
}  // namespace

TEST_CASE("RENAME within a directory and across two, both changes told") {
  World world;
  const nfs_fh3 a = world.make_directory(world.root(), "a"), b = world.make_directory(world.root(), "b");
  const nfs_fh3 file = world.make_file(a, "one", 0644, "hello");
  CHECK(move(world, a, "one", a, "two").status == NFS3_OK);
  const fattr3 before_a = world.attributes(a), before_b = world.attributes(b);
  world.clock.advance_seconds(2);
  const RENAME3res moved = move(world, a, "two", b, "three");
  REQUIRE(moved.status == NFS3_OK);
  CHECK(moved.resok.fromdir_wcc.before->mtime == before_a.mtime);
  CHECK(moved.resok.fromdir_wcc.after->fileid == before_a.fileid);
  CHECK(moved.resok.fromdir_wcc.after->mtime == time_of(world.clock.now()));
  CHECK(moved.resok.todir_wcc.before->mtime == before_b.mtime);
  CHECK(moved.resok.todir_wcc.after->fileid == before_b.fileid);
  CHECK(world.look(a, "two") == NFS3ERR_NOENT);
  CHECK(world.contents(file) == "hello");
  CHECK(same(world.call(&lookup, LOOKUP3args{at(b, "three")}).resok.object, file));
}

TEST_CASE("RENAME replaces what is there in one step") {
  World world;
  const nfs_fh3 kept = world.make_file(world.root(), "new", 0644, "new");
  const nfs_fh3 replaced = world.make_file(world.root(), "old", 0644, "old");
  REQUIRE(move(world, world.root(), "new", world.root(), "old").status == NFS3_OK);
  CHECK(same(world.call(&lookup, LOOKUP3args{at(world.root(), "old")}).resok.object, kept));
  CHECK(world.call(&getattr, GETATTR3args{replaced}).status == NFS3ERR_STALE);
}

TEST_CASE("RENAME of two names of one file leaves both") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "one");
  REQUIRE(world.call(&nfs3::link, LINK3args{file, at(world.root(), "two")}).status == NFS3_OK);
  CHECK(move(world, world.root(), "one", world.root(), "two").status == NFS3_OK);
  CHECK(world.look(world.root(), "one") == NFS3_OK);
  CHECK(world.look(world.root(), "two") == NFS3_OK);
}

TEST_CASE("RENAME of a directory moves its ..") {
  World world;
  const nfs_fh3 a = world.make_directory(world.root(), "a"), b = world.make_directory(world.root(), "b");
  const nfs_fh3 moved = world.make_directory(a, "moved");
  REQUIRE(move(world, a, "moved", b, "moved").status == NFS3_OK);
  CHECK(same(world.call(&lookup, LOOKUP3args{at(moved, "..")}).resok.object, b));
  CHECK(world.attributes(a).nlink == 2);
  CHECK(world.attributes(b).nlink == 3);
}

TEST_CASE("RENAME refuses what would break the tree") {
  World world;
  const nfs_fh3 a = world.make_directory(world.root(), "a");
  const nfs_fh3 b = world.make_directory(a, "b");
  world.make_file(world.root(), "file");
  world.make_directory(world.root(), "empty");
  const RENAME3res below = move(world, world.root(), "a", b, "a");
  CHECK(below.status == NFS3ERR_INVAL);
  CHECK(below.resfail.fromdir_wcc.after.has_value());
  CHECK(below.resfail.todir_wcc.after->fileid == world.attributes(b).fileid);
  CHECK_FALSE(below.resfail.fromdir_wcc.before.has_value());
  CHECK(move(world, world.root(), "empty", world.root(), "a").status == NFS3ERR_NOTEMPTY);
  CHECK(move(world, world.root(), "file", world.root(), "empty").status == NFS3ERR_ISDIR);
  CHECK(move(world, world.root(), "empty", world.root(), "file").status == NFS3ERR_NOTDIR);
  CHECK(move(world, world.root(), "missing", world.root(), "new").status == NFS3ERR_NOENT);
}

TEST_CASE("RENAME of or to . and .. is INVAL") {
  World world;
  const nfs_fh3 a = world.make_directory(world.root(), "a");
  world.make_file(a, "file");
  for (const char* name : {".", ".."}) {
    CHECK(move(world, a, name, a, "new").status == NFS3ERR_INVAL);
    CHECK(move(world, a, "file", a, name).status == NFS3ERR_INVAL);
  }
}

TEST_CASE("RENAME between shares and between stores is XDEV, after both filehandles are known good") {
  World world;
  world.add_share(12, "again", {.squash = gate::Squash::None});
  world.add_other_store(13, "other");
  world.make_file(world.root(), "file");
  for (const char* share : {"again", "other"}) {
    const RENAME3res refused = move(world, world.root(), "file", world.root(share), "file");
    CHECK(refused.status == NFS3ERR_XDEV);
    CHECK(refused.resfail.fromdir_wcc.after.has_value());
    CHECK(refused.resfail.todir_wcc.after.has_value());
  }
  CHECK(world.look(world.root(), "file") == NFS3_OK);
  check_bad_handles(world,
                    [&](const nfs_fh3& handle) { return move(world, handle, "file", world.root(), "f").status; });
  check_bad_handles(world,
                    [&](const nfs_fh3& handle) { return move(world, world.root(), "file", handle, "f").status; });
}

TEST_CASE("RENAME needs permission at both ends, and the owner's under a sticky bit") {
  World world;
  const nfs_fh3 open = world.make_directory(world.root(), "open", 0777);
  const nfs_fh3 closed = world.make_directory(world.root(), "closed", 0755);
  const nfs_fh3 sticky = world.make_directory(world.root(), "sticky", 01777);
  world.make_file(closed, "file");
  world.make_file(sticky, "file");
  world.become(1000, 1000);
  world.make_file(open, "file");
  CHECK(move(world, closed, "file", open, "new").status == NFS3ERR_ACCES);
  CHECK(move(world, open, "file", closed, "new").status == NFS3ERR_ACCES);
  CHECK(move(world, sticky, "file", open, "new").status == NFS3ERR_PERM);
  CHECK(move(world, open, "file", sticky, "file").status == NFS3ERR_PERM);
}

TEST_CASE("RENAME refused: type, read-only share, names") {
  World world;
  const nfs_fh3 file = world.make_file(world.root(), "file");
  world.add_share(12, "ro", {.squash = gate::Squash::None, .read_only = true});
  CHECK(move(world, world.root("ro"), "file", world.root("ro"), "new").status == NFS3ERR_ROFS);
  CHECK(move(world, file, "x", world.root(), "new").status == NFS3ERR_NOTDIR);
  CHECK(move(world, world.root(), "file", file, "new").status == NFS3ERR_NOTDIR);
  check_bad_names([&](std::string_view name) { return move(world, world.root(), name, world.root(), "new").status; });
  check_bad_names([&](std::string_view name) { return move(world, world.root(), "file", world.root(), name).status; });
}
